// Long work for fAIr's back end: asked for, watched, cancelled, and gone on with by the next server.
#include "tests/integration/serve/serving.h"

namespace fair::test {
namespace {

class Jobs : public Serving {
 protected:
  void begin(const std::vector<std::string>& more = {}) {
    bench_.write("token", "a-long-secret\n");
    std::vector<std::string> options{"--allow-private", "127.0.0.1", "--token-file", "token"};
    options.insert(options.end(), more.begin(), more.end());
    port_ = 0;
    start(options);
  }
  [[nodiscard]] httplib::Client back_end() const {
    auto out = client();
    out.set_bearer_token_auth("a-long-secret");
    return out;
  }
  [[nodiscard]] std::string ask(const Json& body) const {
    const auto answer = back_end().Post("/jobs", body.dump(), "application/json");
    EXPECT_TRUE(answer && answer->status == 202) << (answer ? answer->body : "no answer");
    const std::string id = Json::parse(answer->body, nullptr, false).value("id", "");
    EXPECT_EQ(answer->get_header_value("Location"), "/jobs/" + id);
    return id;
  }
  [[nodiscard]] Json job(const std::string& id) const {
    const auto answer = back_end().Get("/jobs/" + id);
    return answer ? Json::parse(answer->body, nullptr, false) : Json();
  }
  /// The job once it has one of these states.
  [[nodiscard]] Json when(const std::string& id, const std::vector<std::string>& states) const {
    for (int i = 0; i < 3000; ++i) {
      Json now = job(id);
      if (now.is_object() && std::find(states.begin(), states.end(), now.value("status", "")) != states.end()) return now;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return job(id);
  }
  [[nodiscard]] Json prediction() const {
    Json out = request();
    out.erase("model_uri");
    out["model_stac_id"] = "unet-segmentation-small";
    out["description"] = "the old town";
    return out;
  }
};

TEST_F(Jobs, PredictsALargeArea) {
  begin();
  const std::string id = ask(prediction());
  const Json done = when(id, {"done", "failed"});
  ASSERT_EQ(done["status"], "done") << done.dump();
  EXPECT_EQ(done["description"], "the old town");
  EXPECT_EQ(done["progress"]["done"], done["progress"]["total"]);
  EXPECT_EQ(done["result"]["windows"], done["progress"]["total"]);
  const auto result = back_end().Get(done["links"]["result"].get<std::string>());
  ASSERT_EQ(result->status, 200);
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/geo+json");
  EXPECT_EQ(Json::parse(result->body), Json::parse(post(request())->body)) << "the features of POST /predict";
  // The same area as a polygon.
  Json by_area = prediction();
  by_area.erase("bbox");
  const double w = 85.5201, s = 27.6301, e = 85.5209, n = 27.6309;
  by_area["geometry"] = {{"type", "Polygon"}, {"coordinates", {{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}}};
  EXPECT_EQ(when(ask(by_area), {"done", "failed"})["status"], "done");
  EXPECT_EQ(Json::parse(back_end().Get("/jobs?status=done&limit=10")->body)["jobs"].size(), 2U);
  EXPECT_EQ(back_end().Delete("/jobs/" + id)->status, 204);
  EXPECT_EQ(refusal(back_end().Get("/jobs/" + id)), 404);
  EXPECT_FALSE(bench_.exists("w/jobs/" + id));
}

TEST_F(Jobs, AreNobodysBusinessWithoutTheToken) {
  begin();
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer a-long-secre", "Bearer a-long-secret2", "Basic a-long-secret", "a-long-secret"}) {
    const httplib::Headers headers{{"Authorization", header}};
    EXPECT_EQ(refusal(client().Get("/jobs", headers)), 401) << header;
    EXPECT_EQ(refusal(client().Post("/jobs", headers, prediction().dump(), "application/json")), 401) << header;
    EXPECT_EQ(refusal(client().Get("/jobs/x/result", headers)), 401) << header;
  }
  EXPECT_EQ(back_end().Get("/jobs")->body, R"({"jobs":[]})");
}

TEST_F(Jobs, SayWhatIsWrongWithThem) {
  begin();
  const auto wrong = [&](const Json& body) { return refusal(back_end().Post("/jobs", body.dump(), "application/json")); };
  EXPECT_EQ(wrong({{"kind", "dance"}}), 400);
  EXPECT_EQ(wrong(Json::array()), 400);
  EXPECT_EQ(wrong({{"kind", "promote"}, {"model_name", "town"}}), 400);
  EXPECT_EQ(wrong({{"kind", "promote"}, {"model_name", "--help"}, {"version", 1}}), 400);
  EXPECT_EQ(wrong({{"kind", "compat"}, {"model_id", "../x"}, {"dataset_id", "y"}}), 400);
  Json body = prediction();
  body["image_uri"] = "/etc";
  EXPECT_EQ(wrong(body), 400);
  body = prediction();
  body["params"]["--out"] = 1;
  EXPECT_EQ(wrong(body), 400);
  body = prediction();
  body["geometry"] = {{"type", "Point"}, {"coordinates", {1, 2}}};
  EXPECT_EQ(wrong(body), 400) << "bbox and geometry";
  body.erase("bbox");
  EXPECT_EQ(wrong(body), 400) << "a point is no area";
  // What only the program can know.
  const Json failed = when(ask({{"kind", "compat"}, {"model_id", "unet-segmentation-small"}, {"dataset_id", "nowhere"}}), {"done", "failed"});
  EXPECT_EQ(failed["status"], "failed");
  EXPECT_EQ(failed["error"]["code"], "not_found");
  EXPECT_EQ(refusal(back_end().Get("/jobs/" + failed["id"].get<std::string>() + "/result")), 409);
}

TEST_F(Jobs, ReachNoPrivateAddressEither) {
  bench_.write("token", "a-long-secret\n");
  start({"--token-file", "token"});
  const Json failed = when(ask(prediction()), {"done", "failed"});
  EXPECT_EQ(failed["status"], "failed");
  EXPECT_NE(failed["error"].dump().find("private network"), std::string::npos) << failed.dump();
  EXPECT_TRUE(tiles_.paths().empty());
}

TEST_F(Jobs, AreCancelledWhileTheyWaitAndWhileTheyRun) {
  tile_milliseconds_ = 20'000;
  begin();
  const std::string running = ask(prediction()), waiting = ask(prediction());
  ASSERT_EQ(when(running, {"running"})["status"], "running");
  EXPECT_EQ(back_end().Delete("/jobs/" + waiting)->status, 202);
  EXPECT_EQ(job(waiting)["status"], "cancelled");
  EXPECT_EQ(back_end().Post("/jobs/" + running + "/cancel", "", "application/json")->status, 202);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(when(running, {"cancelled", "failed", "done"})["status"], "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  EXPECT_EQ(refusal(back_end().Post("/jobs/" + running + "/cancel", "", "application/json")), 409);
  EXPECT_TRUE(client().Get("/health")) << "the server lives";
  tile_milliseconds_ = 0;
}

TEST_F(Jobs, OutliveTheirServerHoweverItEnds) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    tile_milliseconds_ = 20'000;
    begin();
    const std::string running = ask(prediction()), waiting = ask(prediction());
    ASSERT_EQ(when(running, {"running"})["status"], "running");
    child_->send(signal);
    ASSERT_TRUE(child_->ends_within(std::chrono::seconds(25)));
    child_->wait();
    tile_milliseconds_ = 0;
    begin();
    EXPECT_EQ(when(running, {"done", "failed"})["status"], "done") << job(running).dump();
    EXPECT_EQ(when(waiting, {"done", "failed"})["status"], "done");
    EXPECT_EQ(job(running)["attempts"], signal == SIGKILL ? 2 : 1);
    child_->send(SIGTERM);
    child_->wait();
    child_.reset();
  }
}

TEST_F(Jobs, KeepTheServersSecretToThemselves) {
  setenv("FAIR_SERVE_TOKEN", "of-the-environment", 1);
  start();
  unsetenv("FAIR_SERVE_TOKEN");
  auto c = client();
  c.set_bearer_token_auth("of-the-environment");
  EXPECT_EQ(c.Get("/jobs")->status, 200);
  EXPECT_EQ(bench_.read("serve.out").find("of-the-environment"), std::string::npos);
  EXPECT_EQ(bench_.read("serve.err").find("of-the-environment"), std::string::npos);
}

}  // namespace
}  // namespace fair::test
