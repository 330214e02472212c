intray_fuzzer(fuzz_inventory_csv
  SOURCES
    ${PROJECT_SOURCE_DIR}/host/inventory/address.cpp
    ${PROJECT_SOURCE_DIR}/host/inventory/columns.cpp
    ${PROJECT_SOURCE_DIR}/host/inventory/csv.cpp
    ${PROJECT_SOURCE_DIR}/host/inventory/rows.cpp
    ${PROJECT_SOURCE_DIR}/host/inventory/text.cpp
  LIBRARIES intray_api)
