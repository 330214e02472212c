intray_fuzzer(fuzz_device_wake
  SOURCES ${PROJECT_SOURCE_DIR}/device_sdk/src/wake_command.c
  ${PROJECT_SOURCE_DIR}/device_sdk/src/address.c ${PROJECT_SOURCE_DIR}/device_sdk/src/text.c
  ${PROJECT_SOURCE_DIR}/device_sdk/ports/src/lan_request.c
  LIBRARIES intray_device)
set_source_files_properties(${PROJECT_SOURCE_DIR}/device_sdk/ports/src/lan_request.c
  PROPERTIES COMPILE_DEFINITIONS _GNU_SOURCE)
target_include_directories(fuzz_device_wake PRIVATE
  ${PROJECT_SOURCE_DIR}/device_sdk/ports/include)
