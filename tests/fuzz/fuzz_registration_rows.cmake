# All of the plugin but its exported symbol: what reads its rows belongs to what acts on them.
get_target_property(registration_sources intray_registration SOURCES)
list(TRANSFORM registration_sources PREPEND ${PROJECT_SOURCE_DIR}/plugins/registration/)
intray_fuzzer(fuzz_registration_rows
  SOURCES ${registration_sources}
  LIBRARIES intray_api Boost::json)
target_include_directories(fuzz_registration_rows PRIVATE ${PROJECT_SOURCE_DIR})
