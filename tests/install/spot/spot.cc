// The same from C++: a class that closes its spotter by itself, and words by callback.
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <wordspot/wordspot.h>

class Spotter
{
  public:
    Spotter(const char *model, const char *labels)
    {
        wordspot_options options;
        wordspot_options_init(&options, sizeof options);
        options.rate_hz = 16000;
        options.labels = labels;
        options.on_heard = [](void *, const wordspot_heard *heard) {
            std::printf("%.2f s %s %.2f\n", heard->start_s, heard->word, heard->score);
        };
        check(wordspot_open(model, &options, &spotter, &error));
    }
    Spotter(const Spotter &) = delete;
    Spotter &operator=(const Spotter &) = delete;
    ~Spotter()
    {
        wordspot_close(spotter);
    }

    void push(const std::vector<float> &samples)
    {
        check(wordspot_push_float(spotter, samples.data(), samples.size(), &error));
    }

  private:
    void check(wordspot_status status) const
    {
        if (status != WORDSPOT_OK)
            throw std::runtime_error(error.message);
    }

    wordspot *spotter = nullptr;
    wordspot_error error;
};

int main(int argc, char **argv)
{
    try {
        Spotter spotter(argc > 1 ? argv[1] : "model.pb", argc > 2 ? argv[2] : nullptr);
        std::vector<int16_t> raw(480);
        while (std::size_t n = std::fread(raw.data(), 2, raw.size(), stdin)) {
            std::vector<float> samples;
            for (std::size_t i = 0; i < n; i++)
                samples.push_back(raw[i] / 32768.0f);
            spotter.push(samples);
        }
        return 0;
    } catch (const std::exception &fault) {
        std::fprintf(stderr, "spot: %s\n", fault.what());
        return 1;
    }
}
