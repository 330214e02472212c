#include <fstream>
#include <sstream>

#include "tests/host/inventory/fixture.hpp"

namespace intray::inventory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DiffTest : public InventoryTest {
 protected:
  Diff preview(const std::string& csv, bool move = false) {
    auto diff = importer_->preview(csv, move);
    EXPECT_TRUE(diff) << diff.error().message;
    return diff ? std::move(*diff) : Diff();
  }
  static std::vector<std::string> ids(const std::vector<DiffRow>& rows) {
    std::vector<std::string> found;
    for (const auto& row : rows) found.push_back(row.customer + '/' + row.device_id);
    return found;
  }
};

std::string sample(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(INTRAY_SOURCE_DIR) + "/samples/inventory/" + name).rdbuf();
  return std::move(text).str();
}

TEST_F(DiffTest, Figure9InvalidAddressesAreRefusedRowByRow) {
  const auto diff = preview(sample("fig9.csv"));

  const std::tuple<std::size_t, const char*, const char*> expected[] = {
      {5, "D10010201", "123.456.789.1"},
      {8, "D10040401", "135.246.791.1"},
      {9, "D10020402", "135.246.791.2"},
      {10, "D10030403", "135.246.791.3"}};
  ASSERT_EQ(diff.rejected.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& [line, device_id, address] = expected[i];
    EXPECT_EQ(diff.rejected[i].line, line);
    EXPECT_EQ(diff.rejected[i].device_id, device_id);
    EXPECT_THAT(diff.rejected[i].reason, HasSubstr(address));
  }
  EXPECT_EQ(diff.counts, (Counts{5, 0, 0, 4}));
  const auto submitted = submit(sample("fig9.csv"));
  EXPECT_EQ(submitted.state, State::kRejected);
  EXPECT_EQ(submitted.job, "");
  EXPECT_THAT(snapshot().customers("", 10), IsEmpty());
}

TEST_F(DiffTest, Figure9TheValidInventoryLoadsRowByRow) {
  EXPECT_EQ(submit(sample("fig9_valid.csv")).state, State::kDone);

  const char* expected[][4] = {{"C001", "M1001", "D10010101", "111.222.111.1"},
                               {"C001", "M1002", "D10020102", "111.222.111.2"},
                               {"C001", "M1002", "D10020103", "111.222.111.3"},
                               {"C002", "M1001", "D10010201", "123.45.67.1"},
                               {"C003", "M1004", "D10040301", "dev1.aaa.bbb.com"},
                               {"C003", "M1004", "D10040302", "dev2.aaa.bbb.com"},
                               {"C004", "M1001", "D10040401", "135.246.79.1"},
                               {"C004", "M1002", "D10020402", "135.246.79.2"},
                               {"C004", "M1003", "D10030403", "135.246.79.3"}};
  for (const auto& row : expected) {
    const auto device = snapshot().customer(row[0]).device(row[2]);
    ASSERT_TRUE(device) << row[2];
    EXPECT_EQ(device->customer, row[0]);
    EXPECT_EQ(device->model, row[1]);
    EXPECT_EQ(device->address, row[3]);
  }
  EXPECT_THAT(snapshot().customers("", 10), ElementsAre("C001", "C002", "C003", "C004"));
  EXPECT_EQ(preview(sample("fig9_valid.csv")).counts, Counts());
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(DiffTest, TheFileIsTheWholeTruthForItsCustomersAndSilentOnOthers) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,b\nC1,M1,D3,c\nC2,M1,E1,d\n");

  const auto diff = preview(kHeader + "C1,M1,D3,c\nC1,M2,D2,b\nC1,M1,D4,e\n");

  EXPECT_THAT(ids(diff.added), ElementsAre("C1/D4"));
  EXPECT_THAT(ids(diff.changed), ElementsAre("C1/D2"));
  EXPECT_THAT(ids(diff.removed), ElementsAre("C1/D1"));
  EXPECT_EQ(diff.counts, (Counts{1, 1, 1, 0}));
  EXPECT_EQ(diff.changed[0].model, "M2");
  EXPECT_EQ(diff.removed[0].address, "a");
  EXPECT_THAT(devices_of("C1"), ElementsAre("D1", "D2", "D3"));
}

TEST_F(DiffTest, ColumnsThatTheFileLacksKeepWhatTheStoreHas) {
  submit("customer,model,device,address,name,performance\nC1,M1,D1,a,hall,7\n");

  submit(kHeader + "C1,M1,D1,b\n");
  const auto kept = snapshot().customer("C1").device("D1");
  EXPECT_EQ(kept->address, "b");
  EXPECT_EQ(kept->name, "hall");
  EXPECT_EQ(kept->performance, 7U);

  submit("customer,model,device,address,name\nC1,M1,D1,b,\n");
  EXPECT_EQ(snapshot().customer("C1").device("D1")->name, "");
}

TEST_F(DiffTest, AnotherCustomersDeviceIsRejectedUnlessItMayMove) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");

  const auto refused = preview(kHeader + "C2,M1,D1,a\n");
  ASSERT_EQ(refused.rejected.size(), 1U);
  EXPECT_EQ(refused.rejected[0].line, 2U);
  EXPECT_THAT(refused.rejected[0].reason, HasSubstr("'C1'"));

  const auto moved = preview(kHeader + "C2,M1,D1,a\n", true);
  EXPECT_THAT(moved.rejected, IsEmpty());
  EXPECT_THAT(ids(moved.added), ElementsAre("C2/D1"));
  EXPECT_THAT(ids(moved.removed), ElementsAre("C1/D1"));
}

TEST_F(DiffTest, ARejectedRowsDeviceDoesNotLookRemoved) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");

  const auto diff = preview(kHeader + "C1,M1,D1,a_b\nC1,M1,D2,a\nC1,M1,D2,b\n");

  EXPECT_EQ(diff.counts, (Counts{0, 0, 0, 2}));
  EXPECT_EQ(diff.rejected[0].line, 2U);
  EXPECT_EQ(diff.rejected[1].line, 4U);
}

TEST_F(DiffTest, ComparesAcrossManyPages) {
  const auto job = submit(kHeader + fleet("C1", 0, 1700)).job;
  run(job);

  const auto diff = preview(kHeader + fleet("C1", 3, 900, "M2") + fleet("C1", 900, 1750));

  EXPECT_EQ(diff.counts, (Counts{50, 897, 3, 0}));
}

}  // namespace
}  // namespace intray::inventory
