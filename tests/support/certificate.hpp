// A certificate that is its own authority, as a test needs it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/support/process.hpp"

namespace intray::testing_support {

/// PREFIX.pem and PREFIX.key, good for two days. `names`: "DNS:host,IP:127.0.0.1".
inline void make_certificate(const std::filesystem::path& prefix, const std::string& names) {
  const auto made =
      run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
           "-nodes", "-days", "2", "-keyout", prefix.string() + ".key", "-out",
           prefix.string() + ".pem", "-subj", "/CN=test", "-addext", "subjectAltName=" + names});
  ASSERT_EQ(made.exit_code, 0) << made.output;
}

}  // namespace intray::testing_support
