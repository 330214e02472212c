intray_fuzzer(fuzz_http_vetting
  SOURCES ${PROJECT_SOURCE_DIR}/host/http/vet.cpp
  LIBRARIES intray_api)
