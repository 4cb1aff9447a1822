package dev.workerfarm.worker.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.answer.Completion;
import dev.workerfarm.worker.answer.HeldOutcomes;
import dev.workerfarm.worker.answer.Letters;
import dev.workerfarm.worker.answer.MemoryBroker;
import dev.workerfarm.worker.answer.Outbox;
import dev.workerfarm.worker.answer.Replies;
import dev.workerfarm.worker.answer.ResultStore;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.commit.MemoryLedger;
import dev.workerfarm.worker.config.ConsumerTimeout;
import dev.workerfarm.worker.config.Recycling;
import dev.workerfarm.worker.crash.Charges;
import dev.workerfarm.worker.crash.Turns;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.Handovers;
import dev.workerfarm.worker.delivery.PrefetchPolicy;
import dev.workerfarm.worker.delivery.Renewal;
import dev.workerfarm.worker.delivery.Settler;
import dev.workerfarm.worker.delivery.TaskConsumer;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.Activity;
import dev.workerfarm.worker.run.MapRunner;
import dev.workerfarm.worker.run.Revocations;
import dev.workerfarm.worker.run.StubTask;
import dev.workerfarm.worker.run.TaskRegistry;
import dev.workerfarm.worker.run.TaskRunner;
import dev.workerfarm.worker.run.TimeLimitWatch;
import dev.workerfarm.worker.run.cut.Cuts;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A lane in memory whose executor threads are interrupted all the time, as helper threads do that tasks left behind. */
@Timeout(60)
class StrayInterruptTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int MESSAGES = 500;

    private final MemoryBroker broker = new MemoryBroker();
    private final MemoryLedger ledger = new MemoryLedger();
    private final BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();
    private final List<Throwable> ends = new CopyOnWriteArrayList<>();
    private final Cancellation cancellation = new Cancellation();
    private final Revocations revocations = new Revocations();
    private final Activity activity = new Activity(Clock.systemUTC());
    private final RedisSharedState noRedis = RedisSharedState.open(RedisAddress.parse("redis://127.0.0.1:1/0"), "none");
    private final Committer committer = new Committer(ledger, cancellation);
    private final Outbox outbox = new Outbox(broker, cancellation, ends::add);
    private final HeldOutcomes held = new HeldOutcomes(queue -> null);
    private final Letters letters = new Letters(outbox, held, "dead", "worker");
    private final Settler settler = new Settler(
                    new Handovers((queue, copy) -> broker.publish(queue, copy, true, null), inbox::add), ends::add)
            .start();
    private final ResultStore results = new ResultStore(outcomes -> {}).start();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final TaskExecutor executor = new TaskExecutor(
            inbox,
            IntStream.range(0, 2)
                    .mapToObj(RunningFile.open(null, "test", 2)::slot)
                    .toList(),
            new DeliveryRunner(
                    new Turns(new Charges(noRedis.charges(), "me", "here", cancellation), cancellation),
                    new MapRunner(
                            new TaskRunner(
                                    "cpu-1@here.7",
                                    TaskRegistry.load(List.of(
                                            StubTask.of("echo", (args, context) -> {
                                                threads.add(Thread.currentThread());
                                                return args.args().get(0);
                                            }),
                                            new StubTask<>(
                                                    TaskType.of("add", RawArguments.class, Object.class)
                                                            .withSharedState(),
                                                    (args, context) -> {
                                                        threads.add(Thread.currentThread());
                                                        return context.shared()
                                                                .value("n")
                                                                .addAndGet(1);
                                                    }))),
                                    activity,
                                    cancellation,
                                    revocations,
                                    new TimeLimitWatch(() -> {}, ends::add)),
                            revocations,
                            committer,
                            cancellation,
                            () -> Long.MAX_VALUE,
                            new Cuts(),
                            Clock.systemUTC()),
                    new Completion(
                            outbox,
                            held,
                            letters,
                            new Replies(outbox, held, letters, () -> Long.MAX_VALUE),
                            settler,
                            committer,
                            results,
                            "worker"),
                    (queue, part) -> broker.publish(queue, part, true, null),
                    new PrefetchPolicy(),
                    cancellation,
                    new Parked(inbox, settler, () -> committer.watch().isAway(), SOON))::handle,
            new Recycler(new Recycling(0, 0), activity, () -> {}),
            cancellation,
            ends::add);
    private final AtomicBoolean interrupts = new AtomicBoolean(true);
    private final Thread helper = new Thread(() -> {
        while (interrupts.get()) {
            threads.forEach(Thread::interrupt);
            LockSupport.parkNanos(50_000); // so that the threads get on in between
        }
    });

    @AfterEach
    void close() throws Exception {
        interrupts.set(false);
        helper.join();
        executor.abandon();
        settler.finish();
        outbox.close();
        results.close();
        noRedis.close();
        broker.close();
    }

    private void run(String task) throws Exception {
        List.of("tasks", "replies", "dead").forEach(broker::declare);
        var renewal = new Renewal(
                List.of("tasks"), new QueueNames("test"), "me", new ConsumerTimeout(Duration.ZERO), inbox, settler);
        var consumer = new TaskConsumer(List.of("tasks"), 4, inbox, settler, renewal, isReady -> {});
        helper.setDaemon(true);
        helper.start();
        executor.start();
        consumer.opened(broker.connect("tasks"));
        for (int i = 0; i < MESSAGES; i++) {
            var message = TaskMessage.of("id-" + i, task, List.of(i), Map.of(), "replies", Map.of());
            broker.publish("tasks", TaskCodec.encode(message), true, null).join();
        }

        await().atMost(SOON).until(() -> broker.waiting("replies").size() >= MESSAGES && consumer.unsettled() == 0);
        var answered = new ArrayList<>(broker.waiting("replies").stream()
                .map(reply -> String.valueOf(reply.properties().getCorrelationId()))
                .toList());
        assertThat(answered).doesNotHaveDuplicates().hasSize(MESSAGES);
        assertThat(broker.waiting("tasks")).isEmpty();
        assertThat(broker.waiting("dead")).isEmpty();
        assertThat(ends).isEmpty();
        assertThat(threads).hasSize(2).allMatch(Thread::isAlive);
    }

    @Test
    void everyMessageIsAnsweredOnceAndEveryThreadLives() throws Exception {
        run("echo");
    }

    @Test
    void withSharedStateEveryEffectCountsOnce() throws Exception {
        run("add");

        assertThat(ledger.value("n")).isEqualTo(MESSAGES);
    }
}
