package dev.workerfarm.worker.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.commit.MemoryLedger;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.Handovers;
import dev.workerfarm.worker.delivery.Settler;
import dev.workerfarm.worker.delivery.Subscription;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.Execution;
import dev.workerfarm.worker.run.Execution.DeadReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That a delivery is acked after all else, and never without it. */
@Timeout(60)
class CompletionTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final TaskMessage MESSAGE =
            TaskMessage.of("id", "square", List.of(3L), Map.of(), "replies", Map.of());
    private static final Execution NINE = Execution.of(new Outcome.Succeeded(9L));

    private final MemoryBroker broker = new MemoryBroker();
    private final MemoryBroker.MemoryConnection connection = broker.connect("tasks");
    private final BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();
    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch mayStore = new CountDownLatch(1);
    private final BlockingQueue<String> stored = new LinkedBlockingQueue<>();
    private final ResultStore results = new ResultStore(this::store).start();
    private final Outbox outbox = new Outbox(broker, cancellation, fault -> {});
    private final HeldOutcomes held = new HeldOutcomes(queue -> null);
    private final Letters letters = new Letters(outbox, held, "dead", "worker");
    private final Settler settler =
            new Settler(new Handovers((queue, copy) -> new CompletableFuture<>(), inbox::add), fault -> {}).start();
    private final MemoryLedger ledger = new MemoryLedger();
    private final Committer committer = new Committer(ledger, cancellation);
    private final Completion completion = new Completion(
            outbox,
            held,
            letters,
            new Replies(outbox, held, letters, () -> Long.MAX_VALUE),
            settler,
            committer,
            results,
            "worker");
    private Delivery delivery;
    private Subscription subscription;

    private void store(Map<String, String> outcomes) {
        try {
            mayStore.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        stored.addAll(outcomes.keySet());
    }

    @BeforeEach
    void deliver() throws Exception {
        List.of("tasks", "replies", "dead").forEach(broker::declare);
        broker.publish("tasks", TaskCodec.encode(MESSAGE), true, null).join();
        subscription = new Subscription(connection.openChannel(), "tasks", inbox, settler, connection::reopen)
                .consume("tasks", 1, Map.of());
        delivery = inbox.take();
    }

    @AfterEach
    void close() {
        Thread.interrupted();
        mayStore.countDown();
        cancellation.cancel();
        outbox.close();
        settler.finish();
        results.close();
        broker.close();
    }

    private CompletableFuture<Void> complete(TaskMessage message, Execution execution) {
        return completion.complete(delivery, message, execution, Map.of());
    }

    /** The ack is asked for before what is returned completes. */
    private void assertUnacked(CompletableFuture<Void> completed) {
        assertThat(completed).isNotDone();
        assertThat(subscription.held()).isEqualTo(1);
    }

    private void awaitAck(CompletableFuture<Void> completed) {
        assertThat(completed).succeedsWithin(SOON);
        await().atMost(SOON).until(() -> subscription.held() == 0);
        assertThat(broker.waiting("tasks")).isEmpty();
    }

    @Test
    void repliesAndAcks() {
        awaitAck(complete(MESSAGE, NINE));

        assertThat(broker.waiting("replies")).hasSize(1);
        assertThat(broker.waiting("dead")).isEmpty();
    }

    @Test
    void nothingIsAckedBeforeTheReplyIsConfirmed() {
        broker.holdConfirms();
        var completed = complete(MESSAGE, NINE);
        assertThat(broker.waiting("replies")).hasSize(1);
        assertUnacked(completed);

        broker.confirmAll();
        awaitAck(completed);
    }

    @Test
    void nothingIsAckedBeforeTheResultIsStored() {
        var completed = complete(MESSAGE.storingResult(), NINE);
        await().atMost(SOON).until(() -> broker.waiting("replies").size() == 1);
        assertUnacked(completed);

        mayStore.countDown();
        awaitAck(completed);
        assertThat(stored).containsExactly("id");
    }

    @Test
    void whatIsGivenUpIsBuriedAndAnsweredBeforeTheAck() {
        broker.holdConfirms();
        var dead = Execution.dead(Failure.celery("NotRegistered", "square"), DeadReason.UNKNOWN_TASK);
        var completed = complete(MESSAGE, dead);
        assertThat(broker.waiting("dead")).hasSize(1);
        assertThat(broker.waiting("replies")).hasSize(1);
        assertUnacked(completed);

        broker.confirmAll();
        awaitAck(completed);
    }

    @Test
    void aRefusedMessageIsHeldAndTriedAgain() {
        broker.refuse(1);
        broker.holdConfirms();
        var completed = complete(MESSAGE, NINE);
        assertUnacked(completed);
        await().atMost(SOON).until(() -> broker.waiting("replies").size() == 1); // tried again
        assertUnacked(completed);

        broker.confirmAll();
        awaitAck(completed);
        assertThat(broker.waiting("replies")).hasSize(1);
    }

    @Test
    void aPostponedMessageIsBackInItsQueueBeforeTheAck() throws Exception {
        broker.holdConfirms();
        var completed = complete(MESSAGE, Execution.of(new Outcome.Postponed(Instant.now(), 1, null)));
        assertThat(broker.waiting("tasks")).hasSize(1);
        assertUnacked(completed);

        broker.confirmAll();
        assertThat(inbox.take().redelivered()).isFalse(); // the copy, delivered once the original is acked
        assertThat(completed).isDone();
        assertThat(broker.waiting("replies")).isEmpty();
    }

    @Test
    void theLedgerLearnsThatTheRunIsSettledAfterTheAck() {
        var run = new TaskRun("id", 0, 0);
        broker.holdConfirms();
        var completed = complete(MESSAGE, Execution.committed(new Outcome.Succeeded(9L), run));
        committer.tellSettled();
        assertThat(ledger.find(run)).isNull();

        broker.confirmAll();
        awaitAck(completed);
        committer.tellSettled();
        assertThat(ledger.find(run)).isNotNull();
    }

    @Test
    void aStrayInterruptCostsNoReply() {
        Thread.currentThread().interrupt();

        awaitAck(complete(MESSAGE, NINE));

        assertThat(broker.waiting("replies")).hasSize(1);
    }

    @Test
    void anInterruptThatComesWithTheCancellationGivesUp() {
        cancellation.cancel();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> complete(MESSAGE, NINE)).isInstanceOf(CallInterruptedException.class);

        assertThat(subscription.held()).isEqualTo(1);
        assertThat(new ArrayList<>(broker.waiting("replies"))).isEmpty();
    }
}
