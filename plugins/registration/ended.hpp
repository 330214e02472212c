// The generations of an enrolment before its newest one: enough to tell an old code from a wrong
// one.
//
// They are kept as the text that lies in the row, "generation:nonce generation:nonce ..." newest
// first, nonces in hex: each edge of an enrolment reads and writes its row, and only a code that is
// not the newest looks into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intray::registration {

inline constexpr std::size_t kEndedKept = 8;  // generations whose codes are still known
inline constexpr std::size_t kNonceBytes = 16;

struct Ended {
  std::uint64_t generation = 0;  // 1 .. kCountMax
  std::string nonce;             // 16 bytes
};

class EndedList {
 public:
  /// Nothing unless it is the text() of a list.
  static std::optional<EndedList> read(std::string_view text);
  const std::string& text() const { return text_; }

  /// The oldest goes when there are more than kEndedKept.
  void add(const Ended& newest);
  /// Newest first.
  std::vector<Ended> all() const;

 private:
  std::string text_;
};

}  // namespace intray::registration
