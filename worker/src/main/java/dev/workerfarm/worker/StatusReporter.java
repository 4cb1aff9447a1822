package dev.workerfarm.worker;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.config.Version;
import dev.workerfarm.error.PublishTimeoutException;
import dev.workerfarm.message.ControlCodec;
import dev.workerfarm.message.WorkerStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what a worker process does, from memory, to whoever asks. Threads may share it. */
final class StatusReporter {
    private static final Logger LOG = LoggerFactory.getLogger(StatusReporter.class);

    private final String worker;
    private final String host;
    private final Lane lane;
    private final List<String> queues;
    private final int concurrency;
    private final Activity activity;
    private final BlockingQueue<Delivery> inbox;
    private final TaskConsumer consumer;
    private final ConfirmedPublisher publisher;
    private final long sinceMillis = Clock.systemUTC().millis();

    StatusReporter(
            String worker,
            String host,
            Lane lane,
            WorkerConfig config,
            Activity activity,
            BlockingQueue<Delivery> inbox,
            TaskConsumer consumer,
            ConfirmedPublisher publisher) {
        this.worker = worker;
        this.host = host;
        this.lane = lane;
        this.queues = lane.queues(config);
        this.concurrency = lane.concurrency(config);
        this.activity = activity;
        this.inbox = inbox;
        this.consumer = consumer;
        this.publisher = publisher;
    }

    /** Publishes the status as it is now; where the broker takes nothing at the moment, who asked gets no answer. */
    void report(String replyTo) {
        try {
            publisher
                    .publish(replyTo, ControlCodec.encode(status()), false, Duration.ZERO)
                    .exceptionally(refused -> {
                        LOG.debug("status not sent reason={}", refused.getMessage());
                        return null;
                    });
        } catch (PublishTimeoutException e) {
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
                worker,
                host,
                lane.word(),
                queues,
                Version.FARM,
                sinceMillis,
                concurrency,
                running,
                inbox.size(),
                activity.succeeded(),
                activity.failed(),
                consumer.unsettledByQueue());
    }
}
