package dev.workerfarm.worker;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.shared.RedisSharedState;
import dev.workerfarm.worker.download.DownloadTask;
import dev.workerfarm.worker.download.Downloader;
import dev.workerfarm.worker.task.EchoTask;
import dev.workerfarm.worker.task.FailTask;
import dev.workerfarm.worker.task.SleepTask;
import dev.workerfarm.worker.task.SquareTask;
import dev.workerfarm.worker.task.UpdateArrayTask;
import dev.workerfarm.worker.task.UpdateValueTask;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One child of the worker: a process with a single lane. Its parent starts it, reads {@value #READY} and
 * {@value #NOT_READY} from its standard output and holds its standard input open: at its end the parent is gone and the
 * child stops too. SIGTERM drains; a second one hurries.
 */
final class WorkerProcess {
    /** The line that says: subscribed to every queue. */
    static final String READY = "READY";
    /** The line that says: subscribed no more; another READY follows when the broker is back. */
    static final String NOT_READY = "NOT_READY";

    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    private static final int RESULT_WINDOW = 512;
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration WATCH_EVERY = Duration.ofMillis(100);
    /** Without a parent nobody waits for us, and the broker has often gone with it. */
    private static final Duration DRAIN_WITHOUT_PARENT = Duration.ofSeconds(1);

    private final BlockingQueue<Duration> stopRequests = new LinkedBlockingQueue<>();

    private WorkerProcess() {}

    /** Arguments: the lane's word and the process's name, such as {@code cpu cpu-1}. The rest comes from the environment. */
    public static void main(String[] args) {
        var control = System.out;
        // A task that prints must not speak to our parent.
        System.setOut(System.err);
        System.exit(new WorkerProcess().run(Lane.of(args[0]), args[1], WorkerConfig.from(System.getenv()), control));
    }

    private int run(Lane lane, String name, WorkerConfig config, PrintStream control) {
        Signals.on("INT", () -> {}); // Ctrl-C goes to the whole group: the parent says what to do
        Signals.on("TERM", () -> stopRequests.add(config.drain()));
        watchParent();
        try {
            work(lane, name, config, control);
            return ExitCode.STOPPED;
        } catch (BrokerUnreachableException e) {
            LOG.error("{}", e.getMessage());
            return ExitCode.BROKER_UNREACHABLE;
        } catch (InterruptedException e) {
            return ExitCode.STOPPED;
        }
    }

    private void work(Lane lane, String name, WorkerConfig config, PrintStream control) throws InterruptedException {
        var workerName = name + "@" + hostName() + "." + ProcessHandle.current().pid();
        var topology = new Topology(config.names(), config.extraQueues());
        BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();
        var policy = new PrefetchPolicy();
        var timer = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "workerfarm-timer");
            thread.setDaemon(true);
            return thread;
        });
        // NullAway: the runner asks for it only once tasks run, long after it is set.
        var holder = new @Nullable TaskExecutor[1];
        try (var shared = RedisSharedState.open(config.redis(), config.names().namespace());
                var downloader = new Downloader(config.download());
                var publisher = ConfirmedPublisher.open(
                        config.broker(), "worker " + workerName + " publishing", topology, RESULT_WINDOW)) {
            var settler = new Settler();
            var registry = TaskRegistry.load(List.of(
                    new SquareTask(),
                    new SleepTask(),
                    new EchoTask(),
                    new FailTask(),
                    new UpdateValueTask(),
                    new UpdateArrayTask(),
                    new DownloadTask(downloader)));
            var runner = new MapRunner(new TaskRunner(registry, shared, () -> {
                var executor = holder[0];
                return executor != null && executor.isAbandoned();
            }));
            var completion = new Completion(
                    new Outbox(publisher, timer), settler, config.names().dead(), workerName, Clock.systemUTC());
            var executor = new TaskExecutor(inbox, runner, completion, policy, lane.concurrency(config));
            holder[0] = executor;
            var consumer = new TaskConsumer(
                    lane.queues(config),
                    topology,
                    lane.firstPrefetch(config),
                    inbox,
                    settler,
                    () -> say(control, READY),
                    () -> say(control, NOT_READY));
            executor.start();
            var connection =
                    SupervisedConnection.open(config.broker(), "worker " + workerName + " consuming", consumer);
            try {
                LOG.info("ready worker={} queues={}", workerName, lane.queues(config));
                if (lane == Lane.CPU) {
                    timer.scheduleWithFixedDelay(
                            () -> consumer.resize(policy.prefetch(executor.runningNanos())),
                            WATCH_EVERY.toMillis(),
                            WATCH_EVERY.toMillis(),
                            TimeUnit.MILLISECONDS);
                }
                var drain = stopRequests.take();
                LOG.info("stopping worker={} drainMs={}", workerName, drain.toMillis());
                drain(consumer, executor, drain);
                // What finished shall not run again: its confirm and its ack go before the connection.
                publisher.flush(FLUSH_TIMEOUT);
                settler.finish();
                LOG.info("stopped worker={}", workerName);
            } finally {
                connection.close();
            }
        } finally {
            timer.shutdownNow();
        }
    }

    /** Waits until what runs is settled, the drain time is over, or a second request comes to hurry. */
    private void drain(TaskConsumer consumer, TaskExecutor executor, Duration drain) throws InterruptedException {
        var settled = consumer.stop();
        settled.thenRun(() -> stopRequests.add(Duration.ZERO));
        try {
            if (stopRequests.poll(drain.toNanos(), TimeUnit.NANOSECONDS) != null) {
                settled.get(0, TimeUnit.SECONDS);
            }
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("hurried");
        }
        if (!settled.isDone()) {
            LOG.warn("giving back what still runs drainMs={}", drain.toMillis());
        }
        executor.abandon();
    }

    private void watchParent() {
        var thread = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // the parent says nothing; its silence ends with it
                        }
                    } catch (IOException e) {
                        LOG.debug("standard input failed: the parent is gone", e);
                    }
                    stopRequests.add(DRAIN_WITHOUT_PARENT);
                },
                "workerfarm-parent-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void say(PrintStream control, String line) {
        control.println(line);
        control.flush();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
