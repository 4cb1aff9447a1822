package dev.workerfarm.worker.control;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.config.Version;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.wire.control.ControlCodec;
import dev.workerfarm.wire.control.WorkerStatus;
import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.delivery.TaskConsumer;
import dev.workerfarm.worker.run.Activity;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports what a worker process does, from memory, on request. Threads may share it.
 *
 * @param waiting how many messages the process holds and has not begun, or has set aside
 * @param tasks the names of the tasks that the process knows, sorted
 * @param troubles what keeps messages from going on, for a person
 */
public record StatusReporter(
        LaneProfile profile,
        List<String> tasks,
        Activity activity,
        IntSupplier waiting,
        Supplier<List<String>> troubles,
        TaskConsumer consumer,
        ConfirmedPublisher publisher,
        long sinceMillis) {
    private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);

    /** Publishes the present status; not sent where the broker takes nothing at the moment. */
    public void report(String replyTo) {
        try {
            publisher
                    .publish(replyTo, ControlCodec.encode(status()), false, Duration.ZERO)
                    .exceptionally(refused -> {
                        LOG.debug("status not sent reason={}", refused.getMessage());
                        return null;
                    });
        } catch (PublishTimeoutException | CallInterruptedException e) {
            LOG.debug("status not sent reason={}", e.getMessage());
        }
    }

    private WorkerStatus status() {
        var now = System.nanoTime();
        var running = activity.running().stream()
                .limit(WorkerStatus.MOST_RUNNING)
                .map(run -> new WorkerStatus.Running(
                        run.id(), run.task(), TimeUnit.NANOSECONDS.toMillis(now - run.startNanos())))
                .toList();
        return new WorkerStatus(
                profile.workerName(),
                profile.host(),
                profile.lane().name(),
                profile.queues(),
                Version.FARM,
                sinceMillis,
                profile.lane().concurrency(),
                running,
                waiting.getAsInt(),
                activity.succeeded(),
                activity.failed(),
                consumer.unsettledByQueue(),
                troubles.get(),
                tasks.subList(0, Math.min(tasks.size(), WorkerStatus.MOST_TASKS)));
    }
}
