// The same from C++: a class that ends its file by itself, several kinds of data, and reading them.
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <tbevents/tbevents.h>

class Run {
public:
    explicit Run(const std::string &dir) : writer(tbe_open(dir.c_str(), nullptr)) {}
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;
    ~Run() { tbe_close(writer, nullptr, 0); }

    void add(int step, const std::string &tag, float value)
    {
        check(tbe_add_scalar(writer, step, tag.c_str(), value));
    }

    void add(int step, const std::string &tag, const std::vector<float> &values)
    {
        check(tbe_add_histogram(writer, step, tag.c_str(), values.size(), values.data(), nullptr));
    }

    void add(int step, const std::string &tag, const char *markdown)
    {
        check(tbe_add_text(writer, step, tag.c_str(), markdown));
    }

    // Writes all, and tells what went wrong so far. Returns the name of the file.
    std::string finish()
    {
        char message[256];
        const std::string path = tbe_get_path(writer);
        const tbe_status status = tbe_close(writer, message, sizeof message);
        writer = nullptr;
        if (status != TBE_OK)
            throw std::runtime_error(message);
        return path;
    }

private:
    void check(tbe_status status) const
    {
        if (status != TBE_OK)
            throw std::runtime_error(tbe_get_message(writer));
    }

    tbe_writer *writer;
};

static int count_values(const std::string &path)
{
    tbe_reader *reader = tbe_reader_open(path.c_str(), nullptr);
    tbe_record record;
    tbe_status status;
    int n = 0;
    tbe_record_init(&record, sizeof record);
    while ((status = tbe_reader_read(reader, &record)) == TBE_OK)
        n += static_cast<int>(record.n_values);
    const std::string message = tbe_reader_get_message(reader);
    tbe_reader_close(reader);
    if (status != TBE_END)
        throw std::runtime_error(message);
    return n;
}

int main(int argc, char **argv)
{
    try {
        Run run(argc > 1 ? argv[1] : "logs/example");
        for (int step = 0; step < 99; step++)
            run.add(step, "example/square", static_cast<float>(step * step));
        run.add(99, "example/square", 9801.0f);
        run.add(99, "example/values", std::vector<float>{1, 2, 2, 3});
        run.add(99, "example/note", "the *squares* of a hundred numbers");
        return count_values(run.finish()) == 102 ? 0 : 1;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
