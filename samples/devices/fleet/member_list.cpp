#include "member_list.hpp"

#include <fstream>
#include <sstream>

namespace devices {

MemberList read_member_list(const std::string& path) {
  MemberList list;
  std::ifstream file(path);
  if (!file) list.error = path + ": cannot be read";
  std::string text;
  for (int number = 1; list.error.empty() && std::getline(file, text); ++number) {
    std::istringstream words(text);
    MemberLine line;
    std::string secret, rest;
    if (!(words >> line.device_id) || line.device_id[0] == '#') continue;
    // The id also names a directory below --directory.
    const bool is_name = line.device_id[0] != '.' && line.device_id.find('/') == std::string::npos;
    const bool has_secret = static_cast<bool>(words >> secret);
    words >> line.address;
    if (!has_secret || words >> rest || !is_name) {
      list.error = path + ":" + std::to_string(number) +
                   ": not \"DEVICE TOKEN [ADDRESS]\" or \"DEVICE code:CODE [ADDRESS]\"";
    } else if (secret.rfind("code:", 0) == 0) {
      line.code = secret.substr(5);
    } else {
      line.token = secret;
    }
    list.lines.push_back(line);
  }
  if (list.error.empty() && list.lines.empty()) list.error = path + ": names no device";
  return list;
}

}  // namespace devices
