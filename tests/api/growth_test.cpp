// Two releases of the ABI in one process: structs grow at their end, and INTRAY_HAS tells how far
// the other side's goes (rule R2).
#include <gtest/gtest.h>
#include <intray/platform.h>

#include <cstring>
#include <type_traits>
#include <vector>

namespace {

// A struct of this release and of the next one, which appended a field and a function.
struct Table10 {
  std::uint32_t struct_size;
  std::uint32_t reserved0;
  int (*first)();
};
struct Table11 {
  std::uint32_t struct_size;
  std::uint32_t reserved0;
  int (*first)();
  std::uint64_t limit;
  int (*second)();
};

int one() { return 1; }
int two() { return 2; }

// The newer side's way of reading a table that an older side may have made.
int call_second(const Table11* table) {
  return INTRAY_HAS_FN(table, Table11, second) ? table->second() : -1;
}

// A struct as it comes from the other side: memory of its own size, about which the compiler knows
// nothing, and the sanitizer everything.
template <class Struct>
class Crossed {
 public:
  explicit Crossed(const Struct& made) : memory_(sizeof made) {
    std::memcpy(memory_.data(), &made, sizeof made);
  }
  template <class Seen>
  const Seen* as() const {
    const void* volatile address = memory_.data();
    return static_cast<const Seen*>(address);
  }

 private:
  std::vector<unsigned char> memory_;
};

TEST(GrowthTest, ANewerReaderSeesNoFieldThatAnOlderWriterDidNotKnow) {
  const Crossed<Table10> older({sizeof(Table10), 0, &one});
  const auto* seen = older.as<Table11>();

  EXPECT_TRUE(INTRAY_HAS(seen, Table11, first));
  EXPECT_FALSE(INTRAY_HAS(seen, Table11, limit));
  EXPECT_EQ(call_second(seen), -1);
}

TEST(GrowthTest, AnOlderReaderUsesANewerTableAsItsOwn) {
  const Crossed<Table11> newer({sizeof(Table11), 0, &one, 7, &two});
  const auto* seen = newer.as<Table10>();

  ASSERT_TRUE(INTRAY_HAS_FN(seen, Table10, first));
  EXPECT_EQ(seen->first(), 1);
}

TEST(GrowthTest, AFieldIsThereOnlyWhenItIsThereToItsLastByte) {
  Table11 table{sizeof(Table11), 0, &one, 7, &two};
  table.struct_size = offsetof(Table11, limit) + sizeof(std::uint64_t) - 1;
  EXPECT_FALSE(INTRAY_HAS(&table, Table11, limit));

  table.struct_size += 1;
  EXPECT_TRUE(INTRAY_HAS(&table, Table11, limit));
  EXPECT_FALSE(INTRAY_HAS(&table, Table11, second));
}

TEST(GrowthTest, AFunctionSlotLeftEmptyCountsAsNotImplemented) {
  const Table11 table{sizeof(Table11), 0, &one, 7, nullptr};

  EXPECT_TRUE(INTRAY_HAS(&table, Table11, second));
  EXPECT_EQ(call_second(&table), -1);
}

template <class Struct>
void expect_growable() {
  EXPECT_TRUE(std::is_standard_layout_v<Struct>);
  EXPECT_TRUE(std::is_trivially_copyable_v<Struct>);
  EXPECT_EQ(offsetof(Struct, struct_size), 0U);
  EXPECT_EQ(sizeof(Struct) % sizeof(void*), 0U);
}

TEST(GrowthTest, EveryGrowableStructStartsWithItsSizeAndIsPlainData) {
  expect_growable<intray_error>();
  expect_growable<intray_call>();
  expect_growable<intray_host>();
  expect_growable<intray_plugin>();
  expect_growable<intray_plugin_desc>();
  expect_growable<intray_plugin_factory>();
  expect_growable<intray_entry>();
  expect_growable<intray_service>();
  expect_growable<intray_service_desc>();
  expect_growable<intray_device>();
  expect_growable<intray_application>();
  expect_growable<intray_op>();
  expect_growable<intray_http_request>();
  expect_growable<intray_http_route>();
}

TEST(GrowthTest, FrozenStructsHoldAPointerAndASize) {
  EXPECT_EQ(sizeof(intray_str), 2 * sizeof(void*));
  EXPECT_EQ(sizeof(intray_bytes), 2 * sizeof(void*));
  EXPECT_EQ(sizeof(intray_kv), 4 * sizeof(void*));
}

}  // namespace
