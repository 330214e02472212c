#include "host/security/keys.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

namespace intray::security {
namespace {

constexpr std::size_t kKeyBytes = 32;

Failure system_failure(const std::string& what, const std::filesystem::path& on) {
  return fail(INTRAY_E_INTERNAL, what + " " + on.string() + ": " + std::strerror(errno));
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return system_failure("cannot open", directory);
  const bool synced = fsync(file) == 0;
  close(file);
  return synced ? Result<void>() : system_failure("cannot sync", directory);
}

// Under a temporary name, synced, then renamed: after a crash the file is whole or not there.
Result<void> write_durably(const std::filesystem::path& path, std::string_view bytes) {
  const auto temporary = path.string() + ".new";
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return system_failure("cannot make", temporary);
  const bool written =
      write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
      fsync(file) == 0;
  close(file);
  if (!written) return system_failure("cannot write", temporary);
  if (rename(temporary.c_str(), path.c_str()) != 0) return system_failure("cannot make", path);
  return sync_directory(path.parent_path());
}

Result<std::string> read_private(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return system_failure("cannot look at", path);
  if ((status.st_mode & 0077U) != 0) {
    return fail(INTRAY_E_INVALID, path.string() +
                                      " may be read by others: chmod 600 it, and if "
                                      "others could read it, delete it and restart");
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return system_failure("cannot read", path);
  return bytes;
}

Result<std::string> read_or_make(const std::filesystem::path& path, const std::string& initial) {
  if (!std::filesystem::exists(path)) {
    if (const auto made = write_durably(path, initial); !made) return fail(made.error());
  }
  return read_private(path);
}

Result<Secret> key(const std::filesystem::path& path) {
  auto bytes = read_or_make(path, random_bytes(kKeyBytes));
  if (!bytes) return fail(bytes.error());
  if (bytes->size() != kKeyBytes) {
    return fail(INTRAY_E_INVALID, path.string() + " holds " + std::to_string(bytes->size()) +
                                      " bytes, not " + std::to_string(kKeyBytes) +
                                      ": put back the file this host was installed with");
  }
  return Secret(std::move(*bytes));
}

Result<std::uint64_t> epoch(const std::filesystem::path& path) {
  auto text = read_or_make(path, "1\n");
  if (!text) return fail(text.error());
  while (!text->empty() && std::isspace(static_cast<unsigned char>(text->back())) != 0) {
    text->pop_back();
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  constexpr std::uint64_t kEpochMax = 1U << 20U;
  if (error != std::errc() || end != text->data() + text->size() || number == 0 ||
      number > kEpochMax) {
    return fail(INTRAY_E_INVALID, path.string() + " holds no epoch: a number from 1");
  }
  return number;
}

}  // namespace

Result<Keys> load_keys(const std::filesystem::path& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_failure("cannot make the keys' directory", directory);
  }
  const auto code = key(directory / "code.key");
  if (!code) return fail(code.error());
  const auto wake = key(directory / "wake.key");
  if (!wake) return fail(wake.error());
  const auto number = epoch(directory / "epoch");
  if (!number) return fail(number.error());
  return Keys{*code, *wake, *number};
}

std::string wake_public_key(const Secret& wake, std::string_view customer) {
  const auto seed = hmac_sha256(wake.reveal(), customer);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
      &EVP_PKEY_free);
  std::array<unsigned char, 32> bytes{};
  std::size_t size = bytes.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) != 1) std::abort();
  return base64url(view(bytes));
}

}  // namespace intray::security
