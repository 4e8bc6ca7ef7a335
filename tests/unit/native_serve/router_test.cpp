#include "native/serve/router.h"

#include <gtest/gtest.h>

#include "native/serve/request_line.h"

namespace fair::serve {
namespace {

/// An exchange that keeps its answer.
class Kept final : public Exchange {
 public:
  Kept(std::string method, const std::string& target) {
    request_.method = std::move(method);
    readable = read_target(target, request_);
  }
  [[nodiscard]] const Request& request() const override { return request_; }
  void answer(Answer given) override { answered = std::move(given); }
  void begin(Answer) override {}
  bool write(std::string) override { return false; }
  void end(bool) override {}
  void watch(double, std::function<void(End)>) override {}
  bool readable = false;
  Answer answered{0, "", "", {}, {}};

 private:
  Request request_;
};

class Routes : public testing::Test {
 protected:
  Routes() {
    for (const char* pattern : {"/{service}/predict", "/predict", "/jobs/{id}", "/jobs/{id}/cancel", "/v2/models/{name}"}) {
      router_.add("POST", pattern, [pattern](const std::shared_ptr<Exchange>& exchange, const PathValues& values) {
        std::string said = pattern;
        for (const auto& [name, value] : values) said += " " + name + "=" + value;
        exchange->answer({200, "", said, {}, {}});
      });
    }
    router_.add("GET", "/jobs/{id}", [](const std::shared_ptr<Exchange>& exchange, const PathValues&) {
      exchange->answer({200, "", "got", {}, {}});
    });
  }
  std::string ask(const std::string& method, const std::string& target) {
    const auto exchange = std::make_shared<Kept>(method, target);
    if (!exchange->readable) return "unreadable";
    if (!router_.dispatch(exchange)) return "nothing";
    return exchange->answered.status == 200 ? exchange->answered.body
                                            : std::to_string(exchange->answered.status) + exchange->answered.headers["Allow"];
  }
  Router router_;
};

TEST_F(Routes, AreFoundByWhatIsWrittenOut) {
  EXPECT_EQ(ask("POST", "/predict"), "/predict");
  EXPECT_EQ(ask("POST", "/unet/predict?stream=1"), "/{service}/predict service=unet");
  EXPECT_EQ(ask("POST", "/a%2Fb"), "nothing");
  EXPECT_EQ(ask("POST", "/jobs/7"), "/jobs/{id} id=7");
  EXPECT_EQ(ask("POST", "/jobs/predict"), "/jobs/{id} id=predict");
  EXPECT_EQ(ask("POST", "/jobs/7/cancel"), "/jobs/{id}/cancel id=7");
  EXPECT_EQ(ask("GET", "/jobs/7"), "got");
  EXPECT_EQ(ask("HEAD", "/jobs/7"), "got");
  EXPECT_EQ(ask("DELETE", "/jobs/7"), "405OPTIONS, GET, HEAD, POST");
  for (const char* target : {"/", "/jobs", "/jobs/", "/jobs/7/8/9", "//predict", "/predict/"}) EXPECT_EQ(ask("POST", target), "nothing") << target;
  for (const char* target : {"", "x", "/%", "/%4", "/%zz", "/?a=%"}) EXPECT_EQ(ask("POST", target), "unreadable") << target;
  EXPECT_EQ(router_.pattern_of("/x/predict"), "/{service}/predict");
}

TEST(RequestIds, AreTakenOnlyWhereTheyAreHarmless) {
  EXPECT_EQ(request_id("abc-1.2_3"), "abc-1.2_3");
  for (const std::string& wrong : {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a\r\nX: y"), std::string("\xc3\xa9")}) {
    EXPECT_EQ(request_id(wrong).size(), 16U);
    EXPECT_NE(request_id(wrong), request_id(wrong));
  }
}

}  // namespace
}  // namespace fair::serve
