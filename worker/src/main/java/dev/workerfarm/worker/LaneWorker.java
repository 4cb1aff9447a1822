package dev.workerfarm.worker;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.broker.SupervisedConnection;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.config.Durations;
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
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane at work: everything between its queues and its acks, put together here. Opened, drained and closed by the
 * process that it lives in.
 */
final class LaneWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaneWorker.class);
    private static final int RESULT_WINDOW = 512;
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration TELL_SETTLED_EVERY = Duration.ofSeconds(1);
    private static final Duration BIND_EVERY = Duration.ofSeconds(5);
    private static final Duration HASTY_ANSWER = Duration.ofSeconds(1);
    private static final Duration HARD_REVOKE_AFTER = Duration.ofSeconds(1);
    private static final Duration WATCH_EVERY = Duration.ofMillis(100);
    private static final Duration PARENT_TIMEOUT = Duration.ofSeconds(2);

    private final String workerName;
    private final RedisSharedState shared;
    /** For what is done as well as can be: nobody waits long for it. */
    private final RedisSharedState hasty;

    private final ResultStore results;
    private final Charges charges;
    private final RunningFile running;
    private final Downloader downloader;
    private final SettledRuns settledRuns;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(LaneWorker::timerThread);
    private final Settler settler;
    private final Cancellation cancellation = new Cancellation();
    private final Activity activity = new Activity(Clock.systemUTC());
    private final ConfirmedPublisher publisher;
    private final TaskExecutor executor;
    private final TaskConsumer consumer;
    private final SupervisedConnection connection;

    private LaneWorker(
            Lane lane, String name, WorkerConfig config, ParentLink link, @Nullable Path runningFile, IntConsumer end)
            throws InterruptedException {
        var host = hostName();
        this.workerName = name + "@" + host + "." + ProcessHandle.current().pid();
        var topology = new Topology(config.names(), config.extraQueues());
        BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();
        var policy = new PrefetchPolicy();
        var revocations = new Revocations();
        this.shared = RedisSharedState.open(config.redis(), config.names().namespace());
        this.hasty = RedisSharedState.open(config.redis(), config.names().namespace(), HASTY_ANSWER);
        this.results = new ResultStore(hasty.results());
        var loader = new RevocationLoader(hasty.revoked(), revocations, timer);
        timer.execute(loader::prepare); // while we connect to the broker
        var ledger = shared.ledger();
        // In containers the same host name and process id come again and again.
        var processName = workerName + "." + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        this.charges = new Charges(hasty.charges(), processName, host, cancellation);
        this.running = RunningFile.open(runningFile, processName, lane.concurrency(config));
        this.settledRuns = new SettledRuns(ledger);
        this.downloader = new Downloader(config.download());
        var builtIn = TaskRegistry.load(List.of(
                new SquareTask(),
                new SleepTask(),
                new EchoTask(),
                new FailTask(),
                new UpdateValueTask(),
                new UpdateArrayTask(),
                new DownloadTask(downloader)));
        var jars = config.tasks();
        var registry = jars == null ? builtIn : builtIn.with(jars);
        this.publisher = ConfirmedPublisher.open(
                config.broker(),
                "worker " + workerName + " publishing",
                topology,
                RESULT_WINDOW,
                fault -> LOG.error("this process publishes no more reason={}", fault.toString()));
        this.settler = new Settler(
                new Handovers((queue, copy) -> publisher.publish(queue, copy, true, Duration.ZERO), inbox::add));
        var completion = new Completion(
                new Outbox(publisher, timer),
                settler,
                settledRuns,
                results,
                config.names().dead(),
                workerName,
                Clock.systemUTC());
        var committer = new Committer(ledger, cancellation);
        Runnable endNow = () -> {
            running.stop(); // on purpose: nobody is charged, and all else that runs is given back
            end.accept(ExitCode.HARD_LIMIT);
            charges.forget(); // the drain does so too, but may have to wait for the broker before
        };
        var runner = new MapRunner(
                new TaskRunner(registry, activity, cancellation, revocations, new TimeLimitWatch(endNow)),
                revocations,
                committer,
                cancellation,
                Clock.systemUTC());
        var recycler = new Recycler(config.recycling(), activity, () -> end.accept(ExitCode.RECYCLED));
        this.executor = new TaskExecutor(
                inbox,
                new Turns(charges),
                running,
                runner,
                completion,
                policy,
                cancellation,
                recycler,
                lane.concurrency(config));
        this.consumer = new TaskConsumer(
                lane.queues(config),
                topology,
                processName,
                config.consumerTimeout(),
                lane.firstPrefetch(config),
                inbox,
                settler,
                link::ready,
                link::notReady);
        var status = new StatusReporter(workerName, host, lane, config, activity, inbox, consumer, publisher);
        var control = new ControlConsumer(
                topology,
                revocations,
                gates -> timer.schedule(
                        () -> endIfRunning(revocations, gates, endNow),
                        HARD_REVOKE_AFTER.toMillis(),
                        TimeUnit.MILLISECONDS),
                status::report);
        executor.start();
        link.awaitDeaths(PARENT_TIMEOUT); // before the broker delivers here what they died of
        noteDeaths(link);
        this.connection = SupervisedConnection.open(
                config.broker(), "worker " + workerName + " consuming", new SupervisedConnection.Session() {
                    @Override
                    public void opened(SupervisedConnection.OpenConnection connection) throws IOException {
                        control.subscribe(connection);
                        loader.load(); // what was said before we heard, and before anything is begun
                        consumer.opened(connection);
                    }

                    @Override
                    public void lost() {
                        consumer.lost();
                        timer.execute(charges::forget);
                    }
                });
        var metrics = new ProcessMetrics(
                activity, inbox, executor, consumer, completion, committer, publisher, connection, downloader);
        link.answer(ParentLink.METRICS, metrics::line);
        LOG.info("ready worker={} queues={}", workerName, lane.queues(config));
        timer.scheduleWithFixedDelay(
                recycler::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(
                settledRuns::tell, TELL_SETTLED_EVERY.toMillis(), TELL_SETTLED_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(
                control::bindAgain, BIND_EVERY.toMillis(), BIND_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(
                () -> noteDeaths(link), WATCH_EVERY.toMillis(), WATCH_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        var renewEvery = config.consumerTimeout().lookEvery().toMillis();
        timer.scheduleWithFixedDelay(consumer::renew, renewEvery, renewEvery, TimeUnit.MILLISECONDS);
        if (lane == Lane.CPU) {
            timer.scheduleWithFixedDelay(
                    () -> {
                        var runningNanos = executor.runningNanos();
                        consumer.resize(policy.prefetch(runningNanos), runningNanos > 0);
                    },
                    WATCH_EVERY.toMillis(),
                    WATCH_EVERY.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void noteDeaths(ParentLink link) {
        for (var line = link.nextDeath(); line != null; line = link.nextDeath()) {
            var report = DeathReport.from(line);
            if (report != null) {
                charges.take(report);
            }
        }
        charges.record(link::recorded);
    }

    /**
     * Connects and begins to consume.
     *
     * @param name the process's name, such as {@code cpu-1}
     * @param runningFile where to write what runs, or null: nowhere
     * @param end takes the exit code when this process is to be drained and replaced; with {@link ExitCode#HARD_LIMIT} at once
     * @throws dev.workerfarm.error.BrokerUnreachableException if the broker is not there; the process is then to end
     */
    static LaneWorker open(
            Lane lane, String name, WorkerConfig config, ParentLink link, @Nullable Path runningFile, IntConsumer end)
            throws InterruptedException {
        return new LaneWorker(lane, name, config, link, runningFile, end);
    }

    /**
     * Takes no more and waits until what runs is settled, the drain time is over, or something arrives in {@code hurry}.
     * What is then unfinished goes back to its queue.
     */
    void drain(Duration drain, BlockingQueue<Duration> hurry) throws InterruptedException {
        LOG.info("stopping worker={} drainMs={}", workerName, drain.toMillis());
        var settled = consumer.stop();
        settled.thenRun(() -> hurry.add(Duration.ZERO));
        try {
            if (hurry.poll(Durations.nanos(drain), TimeUnit.NANOSECONDS) != null) {
                settled.get(0, TimeUnit.SECONDS);
            }
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("hurried");
        }
        var running = executor.running();
        // What is settled has ended, though its thread may not have said so yet. Where none runs a confirm is missing,
        // or the broker's last words.
        if (running > 0 && !settled.isDone()) {
            LOG.warn(
                    "giving back what still runs worker={} running={} drainMs={}",
                    workerName,
                    running,
                    drain.toMillis());
        }
        this.running.stop(); // from here on nobody is to be charged
        executor.abandon();
        charges.forget();
        // What finished shall not run again: its confirm and its ack go before the connection.
        publisher.flush(FLUSH_TIMEOUT);
        settler.finish();
        settledRuns.tell();
        LOG.info("stopped worker={}", workerName);
    }

    /** Closes the connections, the consuming one first. */
    @Override
    public void close() {
        connection.close();
        timer.shutdownNow();
        publisher.close();
        downloader.close();
        shared.close();
        results.close();
        hasty.close();
    }

    /** Ends the process where one of these calls has not ended: its message goes back, and is not run again. */
    private static void endIfRunning(Revocations revocations, List<Gate> gates, Runnable endNow) {
        if (gates.stream().anyMatch(revocations::runs)) {
            LOG.warn("a task was revoked and does not end, so this process does");
            endNow.run();
        }
    }

    private static Thread timerThread(Runnable task) {
        var thread = new Thread(task, "workerfarm-timer");
        thread.setDaemon(true);
        return thread;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
