// intray/result.hpp - how a function that may fail answers in C++: a value, or an Error that says
// what failed.
//
// C++17, standard library only. The names are those of C++23's std::expected, so that the class can
// be replaced by it one day. Nothing here crosses the plugin ABI: there a call returns an
// intray_status.
#ifndef INTRAY_RESULT_HPP
#define INTRAY_RESULT_HPP

#include <intray/abi.h>

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace intray {

/// Why something failed.
struct Error {
  intray_status status;  ///< never INTRAY_OK
  std::string message;   ///< what was tried, on what, and what to do; for a person
};

/// What fail() makes: converts to a failed Result of any type.
struct [[nodiscard]] Failure {
  Error error;
};

/// return fail(INTRAY_E_NOT_FOUND, "device D1 is not in the inventory of C001");
[[nodiscard]] inline Failure fail(intray_status status, std::string message) {
  assert(status != INTRAY_OK);
  return Failure{{status, std::move(message)}};
}

/// Passes an error on: if (!row) return fail(row.error());
[[nodiscard]] inline Failure fail(Error error) { return Failure{std::move(error)}; }

/// A T, or an Error. Reading the side that is not there is a bug and asserts.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}                  // NOLINT
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T& value() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const Error& error() const {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Done, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Failure failure) : error_(std::move(failure.error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const noexcept { return error_.status == INTRAY_OK; }
  explicit operator bool() const noexcept { return has_value(); }
  const Error& error() const {
    assert(!has_value());
    return error_;
  }

 private:
  Error error_{INTRAY_OK, {}};
};

}  // namespace intray

#endif
