// intray/crossing.hpp - from C to C++ and back: text, errors, and the guard that keeps exceptions
// in.
//
// C++17, standard library only. Nothing here crosses the boundary itself.
#ifndef INTRAY_CROSSING_HPP
#define INTRAY_CROSSING_HPP

#include <intray/abi.h>

#include <cstring>
#include <exception>
#include <intray/result.hpp>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace intray {

inline std::string_view view(intray_str text) noexcept {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
inline std::string_view view(intray_bytes bytes) noexcept {
  return bytes.size == 0 ? std::string_view()
                         : std::string_view(static_cast<const char*>(bytes.data), bytes.size);
}
inline std::string copy(intray_str text) { return std::string(view(text)); }

/// Borrowed: the text must outlive the call that it is passed to.
inline intray_str str(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline intray_bytes bytes(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// Fills the caller's error, if it wants one, cutting the message at a code point.
inline intray_status report(intray_error* error, intray_status status,
                            std::string_view message) noexcept {
  if (error == nullptr || !INTRAY_HAS(error, intray_error, message)) return status;
  auto size = message.size() < sizeof error->message ? message.size() : sizeof error->message;
  while (size > 0 && size < message.size() &&
         (static_cast<unsigned char>(message[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::memcpy(error->message, message.data(), size);
  error->message_size = static_cast<std::uint32_t>(size);
  error->status = status;
  return status;
}

/// The only way from C into C++: `body` returns a Result; an exception, which should not have come
/// that far, becomes a status (rule R6).
template <class Body>
intray_status guard(intray_error* error, Body&& body) noexcept {
  try {
    const Result<void> done = body();
    if (done) return INTRAY_OK;
    return report(error, done.error().status, done.error().message);
  } catch (const std::bad_alloc&) {
    return report(error, INTRAY_E_NO_MEMORY, "out of memory");
  } catch (const std::exception& exception) {
    return report(error, INTRAY_E_INTERNAL, exception.what());
  } catch (...) {
    return report(error, INTRAY_E_INTERNAL, "an exception of an unknown type");
  }
}

/// The other direction: an error to hand to C, read after the call.
///   ErrorSlot error;
///   return error.result(table->get(host, key, visit, user, error));
class ErrorSlot {
 public:
  ErrorSlot() noexcept { error_.struct_size = sizeof error_; }
  operator intray_error*() noexcept { return &error_; }  // NOLINT
  Result<void> result(intray_status status) const {
    if (status == INTRAY_OK) return {};
    const auto size =
        error_.message_size < sizeof error_.message ? error_.message_size : sizeof error_.message;
    return fail(status, std::string(error_.message, size));
  }

 private:
  intray_error error_{};
};

/// A visitor for C whose body may throw: the exception waits while C is on the stack.
///   Visitor<intray_device, decltype(body)> visitor(body);
///   auto done = visitor.result(table->query(host, &query, &visitor.call, &visitor, error), error);
template <class Item, class Body>
class Visitor {
 public:
  explicit Visitor(Body& body) : body_(body) {}
  static intray_status INTRAY_CC call(void* user, const Item* item) noexcept {
    auto& self = *static_cast<Visitor*>(user);
    try {
      self.body_(*item);
      return INTRAY_OK;
    } catch (...) {
      self.parked_ = std::current_exception();
      return INTRAY_E_CANCELLED;
    }
  }
  Result<void> result(intray_status status, const ErrorSlot& error) const {
    if (parked_) std::rethrow_exception(parked_);
    return error.result(status);
  }

 private:
  Body& body_;
  std::exception_ptr parked_;
};

}  // namespace intray
#endif
