package dev.workerfarm.worker.lane;

import dev.workerfarm.task.Task;
import dev.workerfarm.task.lane.RunningLane;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.crash.Turns;
import dev.workerfarm.worker.download.Downloader;
import dev.workerfarm.worker.executor.DeliveryRunner;
import dev.workerfarm.worker.executor.Parked;
import dev.workerfarm.worker.executor.Recycler;
import dev.workerfarm.worker.executor.TaskExecutor;
import dev.workerfarm.worker.process.ExitCode;
import dev.workerfarm.worker.run.MapRunner;
import dev.workerfarm.worker.run.TaskRegistry;
import dev.workerfarm.worker.run.TaskRunner;
import dev.workerfarm.worker.run.TimeLimitWatch;
import dev.workerfarm.worker.task.ShortTask;
import dev.workerfarm.worker.task.SquareTask;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All of a lane that runs tasks: the tasks themselves and the threads that run them. */
record RunSide(
        List<String> taskNames,
        Downloader downloader,
        Recycler recycler,
        TaskExecutor executor,
        Parked parked,
        TimeLimitWatch watch,
        Runnable endAtHardLimit)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunSide.class);

    /** Loads the tasks and starts the threads, which find an empty inbox. */
    static RunSide start(LaneCore core, RedisSide redis, BrokerOut out, List<Task<?, ?>> own) {
        var config = core.config;
        var cancellation = core.cancellation;
        var downloader = new Downloader(config.download());
        Runnable endAtHardLimit = () -> {
            core.end.with(ExitCode.HARD_LIMIT);
            // The drain does so too, but may have to wait for the broker before.
            core.blocking.once(Duration.ZERO, "forget charges", redis.charges()::forget);
        };
        var watch = new TimeLimitWatch(endAtHardLimit, core.end);
        var tasks = tasks(config, downloader, own);
        if (core.profile.isFirst()) {
            warnOfQueues(config, tasks);
        }
        var taskRunner =
                new TaskRunner(core.profile.workerName(), tasks, core.activity, cancellation, core.revocations, watch);
        var mapRunner = new MapRunner(
                taskRunner,
                core.revocations,
                redis.committer(),
                cancellation,
                out.publisher()::largestBody,
                core.cuts,
                Clock.systemUTC());
        var turns = new Turns(redis.charges(), cancellation);
        var recycler = new Recycler(config.recycling(), core.activity, () -> core.end.with(ExitCode.RECYCLED));
        var slots = IntStream.range(0, core.profile.lane().concurrency())
                .mapToObj(core.running::slot)
                .toList();
        var redisWatch = redis.committer().watch();
        var parked = new Parked(
                core.inbox,
                out.settler(),
                redisWatch::isAway,
                config.consumerTimeout().handOverAfter().dividedBy(2));
        redisWatch.whenBack(parked::release);
        var runner = new DeliveryRunner(
                turns, mapRunner, out.completion(), out::publishNow, core.policy, cancellation, parked);
        var lane = new RunningLane(config.broker().places(), Set.copyOf(core.profile.queues()));
        var executor = new TaskExecutor(
                core.inbox,
                slots,
                (delivery, slot) -> lane.run(() -> runner.handle(delivery, slot)),
                recycler,
                cancellation,
                core.end);
        executor.start();
        var names = tasks.tasks().keySet().stream().sorted().toList();
        return new RunSide(names, downloader, recycler, executor, parked, watch, endAtHardLimit);
    }

    private static TaskRegistry tasks(WorkerSettings config, Downloader downloader, List<Task<?, ?>> own) {
        List<Task<?, ?>> tasks = new ArrayList<>(List.of(
                new SquareTask(),
                ShortTask.SLEEP,
                ShortTask.ECHO,
                ShortTask.FAIL,
                ShortTask.UPDATE_VALUE,
                ShortTask.UPDATE_ARRAY,
                downloader));
        tasks.addAll(own);
        var registry = TaskRegistry.load(tasks);
        var jars = config.tasks();
        return jars == null ? registry : registry.with(jars);
    }

    /** Warns of tasks on queues of their own that this worker does not consume. */
    private static void warnOfQueues(WorkerSettings config, TaskRegistry tasks) {
        var topology = config.topology();
        Set<String> lanes = new TreeSet<>();
        Set<String> waiting = new TreeSet<>();
        for (var task : tasks.tasks().values()) {
            var queue = task.type().queue();
            if (!topology.declares(config.names().of(queue))) {
                lanes.add(queue.suffix() + ":" + queue.concurrency());
                waiting.add(task.type().name() + " (" + config.names().of(queue) + ")");
            }
        }
        if (!lanes.isEmpty()) {
            var format = "this worker does not consume the queues of these tasks, so they wait for a worker that does: "
                    + "add {} to FARM_LANES (--lanes) of one tasks={}";
            LOG.warn(format, String.join(",", lanes), waiting);
        }
    }

    @Override
    public void close() {
        executor.abandon();
        downloader.close();
        watch.close();
    }
}
