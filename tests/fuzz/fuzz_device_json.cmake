intray_fuzzer(fuzz_device_json
  SOURCES ${PROJECT_SOURCE_DIR}/device_sdk/src/json.c
  LIBRARIES intray_device)
