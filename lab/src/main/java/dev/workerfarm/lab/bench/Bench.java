package dev.workerfarm.lab.bench;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures the farm beside its ceilings: {@link BareClient}, Python's own pool, Redis without the farm. All contestants of a work
 * take turns, so that what else the machine does meets them alike. One thread runs it; any may close it meanwhile.
 */
public final class Bench implements AutoCloseable {
    /** What can be measured. */
    public static final List<String> WORKS = List.of("unbatched", "one", "map", "json", "imap", "adds", "mixed");

    private static final Duration READY = Duration.ofSeconds(60);

    /**
     * What is to be measured.
     *
     * @param quick takes few and small rounds, in under a minute
     * @param works some of {@link #WORKS}
     * @param processes worker processes of each contestant, 1 or more
     */
    public record Settings(boolean quick, List<String> works, int processes) {
        int warmUps() {
            return quick ? 1 : 3;
        }

        int rounds() {
            return 5;
        }
    }

    private final Settings settings;
    private final PrintStream out;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    /** Starts nothing yet; says on {@code out} what it does. */
    public Bench(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /** Starts the contestants, measures, and returns the figures. Throws IllegalStateException where a result is wrong. */
    public Report run() throws IOException, InterruptedException {
        var broker = service(
                "FARM_AMQP_URL",
                () -> own(PrivateRabbitMq.start(QueueType.classic)).url());
        var redis = service("FARM_REDIS_URL", () -> own(PrivateRedis.start()).url());
        var environment = new HashMap<>(Map.of("FARM_AMQP_URL", broker, "FARM_REDIS_URL", redis));
        environment.put("FARM_PROCESSES", Integer.toString(settings.processes()));
        environment.put("FARM_DOWNLOADERS", "0");
        environment.put("FARM_NAMESPACE", "bench");
        environment.put("FARM_LOG_LEVEL", System.getenv().getOrDefault("FARM_LOG_LEVEL", "ERROR"));
        var workers = own(Worker.start(WorkerConfig.from(environment)));
        if (!workers.awaitReady(READY)) {
            throw new IllegalStateException("the workers do not consume after " + READY.toSeconds() + " s");
        }
        var pool = own(Pool.builder().environment(environment).connect());
        var shared = own(RedisSharedState.open(RedisAddress.parse(redis), "bench"));
        var bare = own(new BareClient(broker, settings.processes()));
        var contestants = new Contestants(pool, bare, python(), shared, redis, settings.processes());
        List<Report.Row> rows = new ArrayList<>();
        for (var name : settings.works()) {
            for (var work : contestants.works(name, settings.quick())) {
                rows.addAll(measure(work));
            }
        }
        return new Report(machine(), rows);
    }

    /** The service that a variable names, or a private one. */
    private static String service(String variable, Supplier<String> service) {
        var named = System.getenv(variable);
        return named == null ? service.get() : named;
    }

    private @Nullable PythonPool python() {
        try {
            return own(new PythonPool(settings.processes()));
        } catch (IOException e) {
            out.println("farm bench: without Python's pool: " + e.getMessage());
            return null;
        }
    }

    private List<Report.Row> measure(Work work) throws IOException, InterruptedException {
        var names = List.copyOf(work.contestants().keySet());
        var values = new double[names.size()][work.figures().size()][settings.rounds()];
        for (int round = -settings.warmUps(); round < settings.rounds(); round++) {
            out.println("farm bench: " + work.name() + (round < 0 ? ", warm-up" : ", round " + (round + 1)));
            var who = 0;
            for (var contestant : work.contestants().values()) {
                var figures = contestant.measure();
                for (int i = 0; i < figures.length && round >= 0; i++) {
                    values[who][i][round] = figures[i];
                }
                who++;
            }
        }
        List<Report.Row> rows = new ArrayList<>();
        for (int i = 0; i < work.figures().size(); i++) {
            var farm = Report.Row.of(work, i, names.get(0), values[0][i], null);
            rows.add(farm);
            for (int who = 1; who < names.size(); who++) {
                rows.add(Report.Row.of(work, i, names.get(who), values[who][i], farm.median()));
            }
        }
        return rows;
    }

    private Map<String, Object> machine() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        Map<String, Object> machine = new TreeMap<>();
        machine.put("java", Runtime.version().toString());
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("cores", (long) system.getAvailableProcessors());
        machine.put("load", system.getSystemLoadAverage());
        machine.put("processes", (long) settings.processes());
        return machine;
    }

    private synchronized <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    /** Ends what runs. Twice is harmless. */
    @Override
    public synchronized void close() {
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) { // one that fails does not keep the others
                out.println("farm bench: it does not stop: " + e);
            }
        }
    }
}
