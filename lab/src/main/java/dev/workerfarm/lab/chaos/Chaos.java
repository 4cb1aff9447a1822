package dev.workerfarm.lab.chaos;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.lab.chaos.Schedule.Fault.Kind;
import dev.workerfarm.lab.node.ContainerRabbitMq;
import dev.workerfarm.lab.node.Ports;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.lab.node.Scratch;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A farm of its own, a storm over it, and the verdict. One thread runs it, once; any may close it meanwhile. */
public final class Chaos implements AutoCloseable {
    public static final Duration SHORTEST = Schedule.ROUND; // as long as it takes for each fault to have its turn
    public static final long TASKS = 20_000; // as many as a storm usually has at least

    private static final String NAMESPACE = QueueNames.DEFAULT_NAMESPACE;
    private static final String HELD_QUEUE = NAMESPACE + ".held";
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(30);
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    /** Where RabbitMQ comes from: this machine's packages, or a container of RabbitMQ 4. */
    public enum Broker {
        local,
        container
    }

    /** What is asked for: at least {@code length} ({@link #SHORTEST} or more) and {@code tasks}, 1 or more workers. */
    public record Settings(long seed, Duration length, long tasks, int workers, Broker broker, QueueType queueType) {}

    private final Settings settings;
    private final PrintStream out;
    private final boolean hasTerminal;

    @GuardedBy("owned")
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    @GuardedBy("owned")
    private boolean closed;

    /** Starts nothing yet. The schedule and what happens is written to {@code out}. */
    public Chaos(Settings settings, PrintStream out, boolean hasTerminal) {
        this.settings = settings;
        this.out = out;
        this.hasTerminal = hasTerminal;
    }

    /** Starts the farm, does what the schedule says while the farm works, and looks at what came of it. */
    public Verdict run() throws IOException, InterruptedException {
        var schedule = Schedule.of(settings.seed(), settings.length(), settings.workers());
        schedule.lines().forEach(out::println);
        var redis = own(PrivateRedis.start());
        var type = settings.queueType();
        var isLocal = settings.broker() == Broker.local;
        RabbitMqNode broker = own(isLocal ? PrivateRabbitMq.start(type) : ContainerRabbitMq.start(type));
        var scratch = own(new Scratch("farm-chaos-"));
        StormTask.writeJarTo(scratch.folder("tasks"));
        var metricsPort = Ports.free();
        var environment = environment(broker, redis, scratch, metricsPort);
        var workers = own(Worker.start(WorkerConfig.from(environment)));
        if (!workers.awaitReady(READY)) {
            throw new IllegalStateException("the workers do not consume after " + READY.toSeconds() + " s");
        }
        var pool = Pool.builder().environment(environment).connect();
        own(pool::terminate);
        var shared = own(RedisSharedState.open(RedisAddress.parse(redis.url()), NAMESPACE));
        shared.value(StormTask.TOTAL).set(0);
        shared.array(StormTask.ARRAY).fill(StormTask.ELEMENTS, 0);

        var storm = new Storm(pool, HELD_QUEUE, settings.tasks(), scratch.path());
        var duplicates = new Duplicates(metricsPort);
        var timeline = new Timeline(out, hasTerminal);
        var faults = new Faults(broker, redis, workers, shared, storm, duplicates, timeline, new AtomicInteger());
        timeline.say("the storm begins");
        runUnderFaults(schedule, storm, faults, duplicates, timeline);
        var elapsed = timeline.elapsed();
        timeline.progress("");
        timeline.say("the last result is here");

        List<String> differences = new ArrayList<>(storm.differences());
        var inspection = new Inspection(shared, broker, new QueueNames(NAMESPACE), type, SETTLED_WITHIN);
        differences.addAll(inspection.differences(storm.tasks()));
        if (duplicates.atLeast() < schedule.all(Kind.KILL_AFTER_COMMIT).size()) {
            differences.add("suppressed duplicates are " + duplicates.atLeast() + ", fewer than kills after a commit");
        }
        var killed = faults.killed().get();
        return new Verdict(schedule, storm.tasks(), elapsed, storm.runs(), duplicates.atLeast(), killed, differences);
    }

    /** Ends what runs and removes it. Twice is harmless. */
    @Override
    public void close() {
        List<AutoCloseable> last;
        synchronized (owned) {
            closed = true;
            last = List.copyOf(owned);
            owned.clear();
        }
        for (var each : last) {
            try {
                each.close();
            } catch (Exception e) { // one that fails does not keep the others
                out.println("farm chaos: it does not stop: " + e);
            }
        }
    }

    /** Runs the work and the faults side by side until all have ended. */
    private void runUnderFaults(Schedule schedule, Storm storm, Faults faults, Duplicates duplicates, Timeline timeline)
            throws IOException, InterruptedException {
        var threads = Executors.newFixedThreadPool(3, part -> Loop.daemon("workerfarm-chaos", part));
        own(threads::shutdownNow);
        var work = threads.submit(storm::run);
        var kills = threads.submit(() -> {
            faults.killWorkers(schedule.all(Kind.KILL_WORKER), schedule.length());
            return null;
        });
        var outages = threads.submit(() -> {
            faults.outages(schedule.outages());
            return null;
        });
        while (!isDone(work) || !isDone(kills)) {
            if (isDone(outages) && timeline.elapsed().compareTo(schedule.length()) >= 0) {
                storm.end();
            }
            duplicates.ask();
            timeline.progress(storm.answered() + " tasks answered, " + faults.killed() + " workers killed");
            TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
        }
        duplicates.ask();
    }

    private static boolean isDone(Future<?> part) throws InterruptedException {
        if (!part.isDone()) {
            return false;
        }
        try {
            part.get();
            return true;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the storm broke off: " + e.getCause(), e);
        }
    }

    private Map<String, String> environment(RabbitMqNode broker, PrivateRedis redis, Scratch scratch, int metricsPort) {
        Map<String, String> environment = new HashMap<>();
        environment.put("FARM_AMQP_URL", broker.url());
        environment.put("FARM_REDIS_URL", redis.url());
        environment.put("FARM_NAMESPACE", NAMESPACE);
        environment.put("FARM_PROCESSES", Integer.toString(settings.workers()));
        environment.put("FARM_DOWNLOADERS", "0");
        environment.put("FARM_DOWNLOAD_DIR", scratch.folder("downloads").toString());
        environment.put("FARM_TASKS", scratch.folder("tasks").toString());
        environment.put("FARM_QUEUES", HELD_QUEUE);
        environment.put("FARM_METRICS_PORT", Integer.toString(metricsPort));
        environment.put("FARM_DRAIN", "2s"); // nobody waits for what a Ctrl-C breaks off
        environment.put("FARM_JAVA_OPTIONS", "-Xmx256m -XX:TieredStopAtLevel=1"); // none lives long
        // Each death and each lost connection has its line, which is expected here.
        environment.put("FARM_LOG_LEVEL", System.getenv().getOrDefault("FARM_LOG_LEVEL", "ERROR"));
        return environment;
    }

    /** To be closed with this; at once, if this has been. */
    private <T extends AutoCloseable> T own(T resource) {
        synchronized (owned) {
            if (!closed) {
                owned.push(resource);
                return resource;
            }
        }
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException("it does not stop", e);
        }
        throw new IllegalStateException("closed while it started");
    }
}
