package dev.workerfarm.worker.metrics;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a worker says how it does; port 0 is any free one. */
public record MetricsAddress(String host, int port) {
    static final String PORT = "FARM_METRICS_PORT";
    private static final String HOST = "FARM_METRICS_HOST";
    private static final String LOOPBACK = "127.0.0.1";

    public MetricsAddress {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(PORT + ": " + port + " is not within 0 to 65535");
        }
    }

    /** Reads {@code FARM_METRICS_PORT} and {@code FARM_METRICS_HOST}; null without a port: nothing listens then. */
    public static @Nullable MetricsAddress from(Map<String, String> environment) {
        var port = environment.getOrDefault(PORT, "").strip();
        if (port.isEmpty()) {
            return null;
        }
        var host = environment.getOrDefault(HOST, "").strip();
        try {
            return new MetricsAddress(host.isEmpty() ? LOOPBACK : host, Integer.parseInt(port));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(PORT + ": '" + port + "' is no whole number", e);
        }
    }
}
