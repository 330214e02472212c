// The file behind --tokens: one device a line, "DEVICE TOKEN" or "DEVICE code:PROVISIONINGCODE",
// and behind it, for a device that can be woken, the address where it hears /doPolling. Empty lines
// and lines that begin with # are skipped.
#pragma once

#include <string>
#include <vector>

namespace devices {

struct MemberLine {
  std::string device_id;
  std::string token;  ///< empty when there is a code
  std::string code;
  std::string address;  ///< empty = it cannot be woken
};

struct MemberList {
  std::vector<MemberLine> lines;
  std::string error;  ///< "" = the list is whole
};

MemberList read_member_list(const std::string& path);

}  // namespace devices
