intray_fuzzer(fuzz_store_codecs
  SOURCES ${PROJECT_SOURCE_DIR}/host/store/codec.cpp
  LIBRARIES intray_api PkgConfig::xxhash)
