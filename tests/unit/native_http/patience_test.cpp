#include "native/http/patience.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

using namespace fair;
using namespace std::chrono_literals;

TEST(Patience, TellsOfALongWaitOnceInAWhile) {
  std::vector<std::string> told;
  http::tell_of_waits([&](const std::string& sentence) { told.push_back(sentence); });
  http::Patience patience("http://tiles.example.org", 30ms);
  patience.still("no answer yet");
  EXPECT_TRUE(told.empty()) << "it has only begun";
  std::this_thread::sleep_for(40ms);
  patience.still("no answer yet");
  patience.still("no answer yet");
  EXPECT_EQ(told, std::vector<std::string>{"waiting for http://tiles.example.org for 0 s: no answer yet"});
  patience.moved();
  patience.still("no answer yet");
  EXPECT_EQ(told.size(), 1U) << "it begins anew";
  std::this_thread::sleep_for(40ms);
  http::tell_of_waits({});
  patience.still("no answer yet");
  EXPECT_EQ(told.size(), 1U) << "nobody listens";
}
