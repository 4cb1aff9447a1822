package dev.workerfarm.lab.chaos;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** The duplicates that workers suppressed, by their metrics: at least, as a killed process loses its last count. */
final class Duplicates {
    private static final String METRIC = "workerfarm_suppressed_duplicates_total ";
    private static final int TIMEOUT_MILLIS = 5_000;

    private final URI metrics;

    @GuardedBy("this")
    private long atLeast;

    Duplicates(int port) {
        this.metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
    }

    /** Asks; takes up to a second where a process does not answer. */
    synchronized void ask() throws IOException {
        var connection = (HttpURLConnection) metrics.toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try (var answer = connection.getInputStream()) {
            atLeast = new String(answer.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(METRIC))
                    .map(line -> (long) Double.parseDouble(line.substring(METRIC.length())))
                    .reduce(atLeast, (earlier, last) -> last);
        }
    }

    synchronized long atLeast() {
        return atLeast;
    }
}
