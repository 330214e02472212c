#include "host/cli/links.hpp"

#include <qrencode.h>

#include <memory>

namespace intray::cli {
namespace {

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

// 'it'\''s': safe inside single quotes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace

Result<std::string> qr_of(const std::string& text) {
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L));
  if (!code) {
    return fail(INTRAY_E_TOO_LARGE, "the URL is too long for a QR code: take --links or --tree");
  }
  constexpr int kQuiet = 2;  // modules of margin
  const auto dark = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return inside && (code->data[y * code->width + x] & 1U) != 0;
  };
  std::string lines;
  for (int y = -kQuiet; y < code->width + kQuiet; y += 2) {
    for (int x = -kQuiet; x < code->width + kQuiet; ++x) {
      // Light modules are drawn, so that it reads on a dark terminal.
      const bool upper = !dark(x, y);
      const bool lower = !dark(x, y + 1);
      lines += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    lines += '\n';
  }
  return lines;
}

std::string script_of(const std::vector<WakeCall>& calls) {
  std::string script =
      "#!/bin/sh\n"
      "# Wakes devices from this network. The URLs are valid for minutes and work once.\n"
      "wake() {\n"
      "  status=$(curl -sk -m 3 --retry 1 -o /dev/null -w '%{http_code}' \"$2\")\n"
      "  echo \"$1 $status\"\n"
      "}\n";
  auto now = std::chrono::milliseconds(0);
  for (const auto& call : calls) {
    if (call.wait > now) {
      const auto pause = (call.wait - now).count();
      auto fraction = std::to_string(pause % 1000);
      fraction.insert(0, 3 - fraction.size(), '0');
      script += "sleep " + std::to_string(pause / 1000) + "." + fraction + "\n";
      now = call.wait;
    }
    script += "wake " + quoted(call.device_id) + " " + quoted(call.url) + " &\n";
  }
  return script + "wait\n";
}

}  // namespace intray::cli
