intray_fuzzer(fuzz_device_record
  SOURCES ${PROJECT_SOURCE_DIR}/device_sdk/src/record.c
  LIBRARIES intray_device)
