// The keys of all tables: one byte for the table, then the parts.
//
//   table | customer | 0x00 | ...        customer's rows: a customer's rows lie side by side, so
//   that a wave of its
//                                        registrations shares pages
//   table | ...                          system rows (marked *)
//
// Names end in 0x00 unless they are last; sequences and times are 8 bytes big-endian, so that
// LMDB's byte order is arrival order. No id holds 0x00 (see records.hpp), so no key is a prefix of
// another name's.
//
//   A acquired     customer 0 device 0 sequence       C state       customer
//   D device       customer 0 device                  E entitlement customer 0 service 0 device
//   G models held  customer 0 vendor 0 model          H host row    customer 0 key
//   K counts       customer 0 service                 L log         customer 0 sequence
//   M mail         customer 0 device 0 sequence       O own row     customer 0 plugin 0 key
//   P presence     customer 0 device                  S settings    customer
//   X tries        customer 0 device 0 service
//   B* outbox      sequence                           I* customer of device  device
//   T* token       hash                               t* token of id         id
//   V* provisioning code  hash                        v* code of device      device
//   W* timer       due, customer 0 plugin 0 name      w* due of timer        customer 0 plugin 0
//   name Y* reply       principal 0 key                    Z* meta       name
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "host/store/records.hpp"

namespace intray::store::keys {

enum class Table : char {
  kAcquired = 'A',
  kState = 'C',
  kDevice = 'D',
  kEntitlement = 'E',
  kModel = 'G',
  kHostRow = 'H',
  kCounts = 'K',
  kLog = 'L',
  kMail = 'M',
  kOwn = 'O',
  kPresence = 'P',
  kSettings = 'S',
  kTries = 'X',
  kOutbox = 'B',
  kCustomerOf = 'I',
  kToken = 'T',
  kTokenOfId = 't',
  kProvisioningCode = 'V',
  kCodeOfDevice = 'v',
  kTimer = 'W',
  kDueOfTimer = 'w',
  kReply = 'Y',
  kMeta = 'Z',
};

/// 8 bytes, big-endian.
std::string big_endian(std::uint64_t number);
std::uint64_t from_big_endian(std::string_view eight_bytes);

/// table | a | 0 | b | 0 | c ...: each part but the last is closed by 0x00.
std::string key(Table table, std::string_view only);
std::string key(Table table, std::string_view first, std::string_view second);
std::string key(Table table, std::string_view first, std::string_view second,
                std::string_view third);

/// The same closed by 0x00 at the end: the prefix under which the next part varies.
std::string prefix(Table table);
std::string prefix(Table table, std::string_view first);
std::string prefix(Table table, std::string_view first, std::string_view second);

/// table | hash, without a piece of the heap: each poll makes one.
struct HashKey {
  std::array<char, 1 + std::tuple_size_v<TokenHash>> bytes;
  operator std::string_view() const { return {bytes.data(), bytes.size()}; }
};
HashKey of_hash(Table table, const TokenHash& hash);
/// The name part of a timer's keys: customer 0 owner 0 name.
std::string timer_name(std::string_view customer, std::string_view owner, std::string_view name);

}  // namespace intray::store::keys
