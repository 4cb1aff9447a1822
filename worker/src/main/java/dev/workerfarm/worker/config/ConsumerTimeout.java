package dev.workerfarm.worker.config;

import dev.workerfarm.broker.Dialect;
import dev.workerfarm.config.Durations;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * RabbitMQ's {@code consumer_timeout}, after which it takes a message back that a consumer has not acked (RabbitMQ
 * documentation "Consumers", Delivery Acknowledgement Timeout). The broker does not tell it.
 *
 * @param duration the timeout, at least a second; zero: the broker has none
 */
public record ConsumerTimeout(Duration duration) {
    static final String VARIABLE = "FARM_CONSUMER_TIMEOUT";

    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final Duration LEAST_LOOK = Duration.ofMillis(100);
    private static final Duration MOST_LOOK = Duration.ofSeconds(10);
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*");

    /** How a task may run longer than the timeout. */
    public enum Means {
        /** The broker waits. */
        NOTHING,
        /** Each message that is held for long is handed over to a copy of it. */
        COPIES,
        /** The consumer asks for a timeout of its own, and has it. */
        ARGUMENT
    }

    public ConsumerTimeout {
        if (!duration.isZero() && duration.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException(VARIABLE + ": less than " + LEAST.toSeconds() + " s");
        }
    }

    /** Reads {@code FARM_CONSUMER_TIMEOUT}, such as {@code 4h}; {@code off} or 0 where the broker has none. */
    static ConsumerTimeout from(Map<String, String> environment) {
        return new ConsumerTimeout(WorkerSettings.value(
                environment, VARIABLE, "30m", text -> text.equals("off") ? Duration.ZERO : Durations.parse(text)));
    }

    /**
     * What fits a broker. Up to RabbitMQ 4.2 a channel watches its deliveries; from 4.3 on the queue does (quorum queues, not
     * classic ones), and a consumer's argument has the last word. A version that cannot be read is taken for an old one.
     */
    public Means means(Dialect dialect, @Nullable String version) {
        if (duration.isZero() || dialect == Dialect.BROKER_J) {
            return Means.NOTHING;
        }
        var matcher = VERSION.matcher(String.valueOf(version));
        if (!matcher.matches()) {
            return Means.COPIES;
        }
        var major = Integer.parseInt(matcher.group(1));
        var minor = Integer.parseInt(matcher.group(2));
        return major > 4 || (major == 4 && minor >= 3) ? Means.ARGUMENT : Means.COPIES;
    }

    /** How old a delivery is when it is handed over: so that with {@link #lookEvery} half of the timeout is left to try again. */
    public Duration handOverAfter() {
        return duration.multipliedBy(2).dividedBy(5);
    }

    /** How often to look for such deliveries. */
    public Duration lookEvery() {
        var look = duration.dividedBy(20);
        return look.compareTo(LEAST_LOOK) < 0 ? LEAST_LOOK : look.compareTo(MOST_LOOK) > 0 ? MOST_LOOK : look;
    }
}
