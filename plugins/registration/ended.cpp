#include "plugins/registration/ended.hpp"

#include <charconv>

#include "plugins/registration/format.hpp"
#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

constexpr std::size_t kNonceDigits = 2 * kNonceBytes;

struct Part {
  std::uint64_t generation = 0;
  std::string_view nonce;  // in hex
};

// The first of the text, which is then behind it; nothing when it does not begin with one.
std::optional<Part> next(std::string_view& text) {
  Part part;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), part.generation);
  const bool sound = error == std::errc() && part.generation <= kCountMax && text[0] != '0';
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!sound || text.size() <= kNonceDigits || text[0] != ':') return std::nullopt;
  part.nonce = text.substr(1, kNonceDigits);
  text.remove_prefix(1 + kNonceDigits);
  if (part.nonce.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
    return std::nullopt;
  }
  return part;
}

}  // namespace

std::optional<EndedList> EndedList::read(std::string_view text) {
  EndedList list;
  list.text_ = text;
  while (!text.empty()) {
    if (!next(text)) return std::nullopt;
    if (text.empty()) break;
    if (text[0] != ' ' || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
  }
  return list;
}

void EndedList::add(const Ended& newest) {
  auto text = std::to_string(newest.generation) + ":" + hex(newest.nonce);
  if (!text_.empty()) text += " " + text_;
  auto end = std::string::npos;
  for (std::size_t kept = 0, from = 0; kept < kEndedKept && from != std::string::npos; ++kept) {
    end = text.find(' ', from);
    from = end == std::string::npos ? end : end + 1;
  }
  if (end != std::string::npos) text.resize(end);
  text_ = std::move(text);
}

std::vector<Ended> EndedList::all() const {
  std::vector<Ended> all;
  std::string_view text(text_);
  while (const auto part = next(text)) {
    all.push_back({part->generation, unhex(part->nonce)});
    if (!text.empty()) text.remove_prefix(1);
  }
  return all;
}

}  // namespace intray::registration
