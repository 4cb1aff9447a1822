package dev.workerfarm.worker.lane;

import dev.workerfarm.broker.ConfirmedPublisher;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.answer.Completion;
import dev.workerfarm.worker.answer.DueRetries;
import dev.workerfarm.worker.answer.HeldOutcomes;
import dev.workerfarm.worker.answer.Letters;
import dev.workerfarm.worker.answer.Outbox;
import dev.workerfarm.worker.answer.Replies;
import dev.workerfarm.worker.delivery.Handovers;
import dev.workerfarm.worker.delivery.Settler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A lane's way out: the publishing connection, and what takes outcomes there and then settles. */
record BrokerOut(
        ConfirmedPublisher publisher,
        DueRetries due,
        Outbox outbox,
        HeldOutcomes held,
        Settler settler,
        Completion completion)
        implements AutoCloseable {
    private static final int WINDOW = 512;
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);

    /** Connects. */
    static BrokerOut start(LaneCore core, RedisSide redis) {
        var profile = core.profile;
        var name = "worker " + profile.workerName() + " publishing";
        var publisher = new ConfirmedPublisher(core.config.broker(), name, core.config.topology(), WINDOW, core.end);
        var due = new DueRetries(profile.queues(), publisher);
        var outbox = new Outbox(Outbox.Publisher.of(publisher, due::landing), core.cancellation, core.end);
        var held = new HeldOutcomes(queue -> outbox.refusal(queue) == null && publisher.isFull(queue)
                ? "nack: the queue is full, or a majority of its nodes is away"
                : outbox.refusal(queue));
        var handovers = new Handovers((queue, copy) -> publishNow(publisher, queue, copy), core.inbox::add);
        var settler = new Settler(handovers, core.end).start();
        var letters = new Letters(outbox, held, core.config.names().dead(), profile.workerName());
        var replies = new Replies(outbox, held, letters, publisher::largestBody);
        var completion = new Completion(
                outbox, held, letters, replies, settler, redis.committer(), redis.results(), profile.workerName());
        return new BrokerOut(publisher, due, outbox, held, settler, completion);
    }

    /** Publishes, mandatory, and throws PublishTimeoutException rather than wait. */
    CompletableFuture<Void> publishNow(String queue, EncodedMessage message) {
        return publishNow(publisher, queue, message);
    }

    private static CompletableFuture<Void> publishNow(
            ConfirmedPublisher publisher, String queue, EncodedMessage message) {
        return publisher.publish(queue, message, true, Duration.ZERO);
    }

    /** What finished shall not run again: its confirm and its ack go before the connections close. */
    void flush() throws InterruptedException {
        due.stop();
        publisher.flush(FLUSH_TIMEOUT);
        due.close();
        settler.finish();
    }

    @Override
    public void close() {
        due.close();
        outbox.close();
        publisher.close();
        settler.finish(); // of a lane that did not come to its flush
    }
}
