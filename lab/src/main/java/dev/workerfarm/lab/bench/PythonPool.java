package dev.workerfarm.lab.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** This machine's {@code python3} with a {@code multiprocessing.Pool}, which measures what it is asked to. Belongs to one thread. */
final class PythonPool implements AutoCloseable {
    private static final String PROGRAM = """
            import multiprocessing, sys, time

            def square(n):
                return n * n

            def check(results, n):
                assert len(results) == n and all(r == i * i for i, r in enumerate(results))

            if __name__ == "__main__":
                with multiprocessing.Pool(int(sys.argv[1])) as pool:
                    pool.map(square, range(1000))
                    print("ready", flush=True)
                    for line in sys.stdin:
                        work, n = line.split()
                        n = int(n)
                        items = list(range(n))
                        start = time.perf_counter()
                        if work == "map":
                            results = pool.map(square, items)
                        elif work == "imap":
                            results = list(pool.imap(square, items, 1000))
                        elif work == "unbatched":
                            results = [r.get() for r in [pool.apply_async(square, (i,)) for i in items]]
                        else:
                            results, times = [], []
                            for i in items:
                                begin = time.perf_counter()
                                results.append(pool.apply(square, (i,)))
                                times.append(time.perf_counter() - begin)
                        seconds = time.perf_counter() - start
                        check(results, n)
                        if work == "one":
                            times.sort()
                            print(times[n // 2], times[n * 99 // 100], flush=True)
                        else:
                            print(seconds, flush=True)
            """;

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter questions;

    PythonPool(int processes) throws IOException {
        process = new ProcessBuilder("python3", "-c", PROGRAM, Integer.toString(processes))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        questions = process.outputWriter(StandardCharsets.UTF_8);
        if (!"ready".equals(answers.readLine())) {
            process.destroyForcibly();
            throw new IOException("python3 does not start a pool");
        }
    }

    /** Does that work with n items, and returns seconds: how long it took, or of single calls the median and the 99th percentile. */
    double[] seconds(String work, int n) throws IOException {
        questions.write(work + " " + n + "\n");
        questions.flush();
        var line = answers.readLine();
        if (line == null) {
            throw new IOException("python3 has ended");
        }
        return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    @Override
    public void close() throws IOException {
        questions.close(); // the end of its input: it stops its processes itself
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
