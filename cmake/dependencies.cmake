# Everything Intray builds with comes from Debian by name: .ci/install lists the packages.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
# The feature macros of the prebuilt library change class layouts: always take its own flags.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode)
