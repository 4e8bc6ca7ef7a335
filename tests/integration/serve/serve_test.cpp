// What fAIr's front end and a cluster ask of the server.
#include "tests/integration/serve/serving.h"

namespace fair::test {
namespace {

TEST_F(Serving, AnswersAsTheContractSays) {
  start();
  EXPECT_EQ(Json::parse(client().Get("/health")->body), Json({{"status", "ok"}}));
  EXPECT_EQ(client().Get("/unet-segmentation/health")->status, 200);
  EXPECT_EQ(client().Get("/nothing/health")->status, 404);
  EXPECT_EQ(client().Get("/ready")->status, 200);
  const auto answer = post(request());
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->status, 200) << answer->body;
  const Json collection = Json::parse(answer->body, nullptr, false);
  ASSERT_EQ(collection.value("type", ""), "FeatureCollection");
  ASSERT_FALSE(collection["features"].empty());
  // What the verb writes for the same request.
  const Outcome predicted =
      bench_.fair({"predict", "--model", "unet-segmentation-small", "--images", tiles_.url("/{z}/{x}/{y}.png"), "--bbox",
                   "85.5201,27.6301,85.5209,27.6309", "--zoom", "19", "--set", "confidence_threshold=0.5", "--device", "cpu", "--out", "-"},
                  "no_proxy=127.0.0.1 XDG_CACHE_HOME=cache");
  ASSERT_EQ(predicted.status, 0) << predicted.err;
  EXPECT_EQ(collection, predicted.json());
  // By its service, and by the address that its item gives.
  const Json models = Json::parse(client().Get("/models")->body);
  Json by_address = request();
  for (const Json& model : models["models"]) {
    if (model["id"] == "unet-segmentation-small") by_address["model_uri"] = model["uri"];
  }
  const auto of_service = post(by_address, "/unet-segmentation-small/predict");
  ASSERT_EQ(of_service->status, 200) << of_service->body;
  EXPECT_EQ(Json::parse(of_service->body), collection);
  EXPECT_EQ(metric("fair_session_loads_total"), "1") << "one model under two names is loaded once";
  EXPECT_EQ(refusal(post(by_address, "/yolo11n-detection/predict")), 400);
  EXPECT_EQ(refusal(post(by_address, "/nothing/predict")), 404);
}

TEST_F(Serving, StreamsFeaturesAsASequence) {
  start();
  const auto whole = post(request()), streamed = post(request(), "/predict?stream=1");
  ASSERT_EQ(streamed->status, 200);
  EXPECT_EQ(streamed->get_header_value("Content-Type"), "application/geo+json-seq");
  Json features = Json::array();
  for (std::size_t at = 0; at < streamed->body.size();) {
    ASSERT_EQ(streamed->body[at], '\x1e');
    const std::size_t end = streamed->body.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    features.push_back(Json::parse(streamed->body.substr(at + 1, end - at - 1)));
    at = end + 1;
  }
  EXPECT_EQ(features, Json::parse(whole->body)["features"]);
  Json wrong = request();
  wrong["zoom"] = 9;
  EXPECT_EQ(refusal(post(wrong, "/predict?stream=1")), 400);
}

TEST_F(Serving, SaysWhatIsWrongWithARequest) {
  start({"--allow-private", "127.0.0.1", "--max-tiles", "16"});
  const auto changed = [&](const char* key, const Json& value) {
    Json out = request();
    if (value.is_null()) {
      out.erase(key);
    } else {
      out[key] = value;
    }
    return out;
  };
  for (const char* key : {"model_uri", "image_uri", "bbox", "zoom", "params"}) {
    const auto answer = post(changed(key, nullptr));
    EXPECT_EQ(refusal(answer), 400) << key;
    EXPECT_NE(answer->body.find(key), std::string::npos) << answer->body;
  }
  EXPECT_EQ(refusal(post(changed("zoom", 13))), 400);
  EXPECT_EQ(refusal(post(changed("zoom", 23))), 400);
  EXPECT_EQ(refusal(post(changed("zoom", 19.5))), 400);
  EXPECT_EQ(refusal(post(changed("bbox", {1, 2, 3}))), 400);
  EXPECT_EQ(refusal(post(changed("bbox", {85.6, 27.7, 85.5, 27.6}))), 400);
  EXPECT_EQ(refusal(post(changed("bbox", {85.5, 27.6, 85.6, 27.7}))), 400) << "more than 16 tiles";
  EXPECT_EQ(refusal(post(changed("params", Json::object()))), 400) << "confidence_threshold is compulsory";
  EXPECT_EQ(refusal(post(changed("params", {{"confidence_threshold", 2}}))), 400);
  EXPECT_EQ(refusal(post(changed("params", {{"confidence_threshold", 0.5}, {"no_such", 1}}))), 400);
  EXPECT_EQ(refusal(post(changed("model_uri", "no-such-model"))), 400);
  for (const char* file : {"../w/workspace.json", "/etc/passwd", "w/artifacts/base-models/unet-segmentation-small/model.onnx", "serve.out"}) {
    EXPECT_EQ(refusal(post(changed("model_uri", file))), 400) << file;
  }
  EXPECT_EQ(refusal(post(changed("image_uri", "/etc/passwd"))), 400);
  EXPECT_EQ(refusal(post(changed("image_uri", "http://127.0.0.1:1/{z}/{x}/{y}.png"))), 400);
  EXPECT_EQ(refusal(post(changed("image_uri", tiles_.url("/{z}/{x}.png")))), 400);
  EXPECT_EQ(refusal(client().Post("/predict", "{", "application/json")), 400);
  EXPECT_EQ(refusal(client().Post("/predict", "x=1", "application/x-www-form-urlencoded")), 415);
  EXPECT_EQ(refusal(client().Get("/predict")), 405);
  EXPECT_EQ(refusal(client().Get("/nothing")), 404);
}

TEST_F(Serving, TellsNewcomersWhenToComeAgain) {
  tile_milliseconds_ = 1500;
  start({"--allow-private", "127.0.0.1", "--at-once", "1", "--queue", "1"});
  std::atomic<int> done{0}, refused{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      const auto answer = post(request());
      ASSERT_TRUE(answer);
      if (answer->status == 200) ++done;
      if (answer->status == 429 && std::stoi(answer->get_header_value("Retry-After")) >= 1) ++refused;
    });
  }
  for (std::thread& one : clients) one.join();
  EXPECT_EQ(done, 2);
  EXPECT_EQ(refused, 2);
}

TEST_F(Serving, StopsWorkingForClientsThatLeaveAndWhenTheTimeIsUp) {
  tile_milliseconds_ = 3000;
  start({"--allow-private", "127.0.0.1", "--deadline", "1"});
  const auto late = post(request());
  ASSERT_TRUE(late);
  EXPECT_EQ(late->status, 504);
  EXPECT_TRUE(comes("fair_predictions_total{outcome=\"late\"}", "1"));
  auto hasty = client();
  hasty.set_read_timeout(0, 300'000);
  EXPECT_FALSE(hasty.Post("/predict", request().dump(), "application/json"));
  hasty.stop();
  EXPECT_TRUE(comes("fair_predictions_total{outcome=\"abandoned\"}", "1"));
  EXPECT_TRUE(comes("fair_predictions_running", "0"));
}

TEST_F(Serving, NoticesClientsThatLeaveHoweverTheirRequestCame) {
  tile_milliseconds_ = 1000;
  start({"--allow-private", "127.0.0.1", "--at-once", "8"});
  const std::string body = request().dump();
  const std::string head =
      "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  int left = 0;
  const auto leave = [&](const std::vector<std::string>& pieces, int milliseconds_between) {
    const int one = connected();
    for (const std::string& piece : pieces) {
      send_all(one, piece);
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds_between));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    ::close(one);
    ++left;
  };
  for (int i = 0; i < 4; ++i) {
    leave({head + body}, 0);
    leave({head, body}, i);
    leave({head, body.substr(0, 10), body.substr(10)}, i);
    leave({head + body, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"}, i);  // the next request waits for its turn
    leave({head + body, "GET /he", "alth HT"}, i);
  }
  EXPECT_TRUE(comes("fair_predictions_total{outcome=\"abandoned\"}", std::to_string(left)))
      << metric("fair_predictions_total{outcome=\"abandoned\"}") << " of " << left << ", done " << metric("fair_predictions_total{outcome=\"done\"}");
}

TEST_F(Serving, AnswersRequestsThatCameEarlyInTheirTurn) {
  tile_milliseconds_ = 100;
  start();
  const std::string body = request().dump(), health = "GET /health HTTP/1.1\r\nHost: x\r\n";
  const int one = connected();
  send_all(one, "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                    body);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  send_all(one, health + "\r\n" + health.substr(0, 9));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  send_all(one, health.substr(9) + "Connection: close\r\n\r\n");
  std::string said(1 << 20, '\0');
  std::size_t bytes = 0;
  for (ssize_t n = 1; n > 0 && bytes < said.size(); bytes += static_cast<std::size_t>(std::max<ssize_t>(n, 0)))
    n = ::recv(one, &said[bytes], said.size() - bytes, 0);
  ::close(one);
  said.resize(bytes);
  const std::string ok = "HTTP/1.1 200 OK";
  const std::size_t features = said.find("FeatureCollection"), second = said.find(ok, features), third = said.find(ok, second + 1);
  EXPECT_EQ(said.find(ok), 0U) << said.substr(0, 200);
  ASSERT_NE(third, std::string::npos) << said.substr(said.size() - std::min<std::size_t>(said.size(), 600));
  EXPECT_EQ(said.find(ok, third + 1), std::string::npos);
}

TEST_F(Serving, FinishesWhatIsUnderWayWhenItIsToldToStop) {
  tile_milliseconds_ = 700;
  start();
  int status = 0;
  std::thread asking([&] {
    const auto answer = post(request());
    status = answer ? answer->status : -1;
  });
  ASSERT_TRUE(comes("fair_predictions_running", "1"));
  child_->send(SIGTERM);
  asking.join();
  EXPECT_EQ(status, 200);
  EXPECT_TRUE(child_->ends_within(std::chrono::seconds(5)));
  EXPECT_EQ(child_->wait(), 0);
  child_.reset();
}

TEST_F(Serving, OpensItselfToTheOriginsThatAreNamed) {
  start({"--allow-private", "127.0.0.1", "--cors", "https://fair.example.org"});
  const auto asked = [&](const char* origin) {
    return client().Options("/predict", httplib::Headers{{"Origin", origin}, {"Access-Control-Request-Method", "POST"}});
  };
  EXPECT_EQ(asked("https://fair.example.org")->get_header_value("Access-Control-Allow-Origin"), "https://fair.example.org");
  EXPECT_FALSE(asked("https://evil.example")->has_header("Access-Control-Allow-Origin"));
  EXPECT_FALSE(client().Get("/health")->has_header("Access-Control-Allow-Origin"));
}

TEST_F(Serving, ServesFilesBesideAndModelsOfAFolder) {
  const std::filesystem::path artifacts = bench_.folder / "w/artifacts";
  std::filesystem::create_directories(bench_.folder / "models");
  std::string onnx;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(artifacts)) {
    if (entry.path().extension() == ".onnx") onnx = std::filesystem::relative(entry.path(), artifacts).string();
  }
  std::filesystem::copy_file(artifacts / onnx, bench_.folder / "models/mine.onnx");
  start({"--allow-private", "127.0.0.1", "--models", "models", "--static", "workspace"});
  EXPECT_EQ(client().Get("/catalog/catalog.json")->status, 200);
  Json mine = request();
  mine["model_uri"] = "mine.onnx";
  EXPECT_EQ(post(mine)->status, 200);
  // A model elsewhere: fetched once, by the same rules as imagery.
  mine["model_uri"] = "http://127.0.0.1:" + std::to_string(port_) + "/artifacts/" + onnx;
  const auto fetched = post(mine);
  EXPECT_EQ(fetched->status, 200) << fetched->body;
  EXPECT_EQ(post(mine)->status, 200);
  EXPECT_TRUE(comes("fair_http_requests_total{method=\"GET\",route=\"\",status=\"200\"}", "2"));
}

}  // namespace
}  // namespace fair::test
