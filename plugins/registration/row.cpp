#include "plugins/registration/row.hpp"

namespace intray::registration {

std::optional<std::uint64_t> whole_number(const boost::json::value& value, std::uint64_t max) {
  if (!value.is_int64() || value.get_int64() < 0) return std::nullopt;
  const auto number = static_cast<std::uint64_t>(value.get_int64());
  return number <= max ? std::optional(number) : std::nullopt;
}

Row::Row(const StoredRow& row) : row_(row) {
  boost::json::error_code error;
  auto value = boost::json::parse(row.value, error, scratch_.storage());
  if (error || !value.is_object()) {
    readable_ = false;
    return;
  }
  fields_ = std::move(value.as_object());
  if (number("v") != 1) readable_ = false;
}

std::string Row::key_part(std::size_t index) const {
  std::string_view rest = row_.key;
  for (; index > 0; --index) {
    const auto space = rest.find(' ');
    if (space == std::string_view::npos) return {};
    rest.remove_prefix(space + 1);
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

void Row::expect_key(std::string_view key) {
  if (row_.key != key) readable_ = false;
}

const boost::json::value& Row::at(std::string_view member) {
  static const boost::json::value missing;
  const auto* value = fields_.if_contains(member);
  return value == nullptr ? missing : *value;
}

std::string Row::text(std::string_view member) {
  const auto& value = at(member);
  if (value.is_string()) return std::string(std::string_view(value.get_string()));
  readable_ = false;
  return {};
}

std::vector<std::string> Row::texts(std::string_view member) {
  std::vector<std::string> all;
  for (const auto& each : array(member)) {
    if (each.is_string()) {
      all.emplace_back(std::string_view(each.get_string()));
    } else {
      readable_ = false;
    }
  }
  return all;
}

std::uint64_t Row::number(std::string_view member, std::uint64_t max) {
  const auto number = whole_number(at(member), max);
  if (!number) readable_ = false;
  return number.value_or(0);
}

std::int64_t Row::time(std::string_view member) {
  return static_cast<std::int64_t>(number(member, static_cast<std::uint64_t>(kTimeMaxNs)));
}

bool Row::flag(std::string_view member) {
  const auto& value = at(member);
  if (value.is_bool()) return value.get_bool();
  readable_ = false;
  return false;
}

const boost::json::array& Row::array(std::string_view member) {
  static const boost::json::array none;
  const auto& value = at(member);
  if (value.is_array()) return value.get_array();
  readable_ = false;
  return none;
}

Failure Row::unreadable() const {
  return fail(INTRAY_E_INTERNAL, "the row '" + row_.key + "' cannot be read: run the store check");
}

}  // namespace intray::registration
