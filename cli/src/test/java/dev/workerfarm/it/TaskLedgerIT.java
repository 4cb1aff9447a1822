package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Commit;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import dev.workerfarm.redis.ledger.TaskLedger;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.testkit.Services;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;

/** The journal and the ledger on a real Redis: what one commit does to shared state, and what it refuses. */
class TaskLedgerIT {
    private static final long DAYS_30 = 30 * 86_400L;

    private final String namespace = "ledger-" + UUID.randomUUID();
    private final RedisSharedState shared =
            RedisSharedState.open(RedisAddress.parse(Services.shared().redisUrl()), namespace);
    private final TaskLedger ledger = new TaskLedger(shared);
    private final AtomicInteger reads = new AtomicInteger();
    private Runnable beforeRead = () -> {};
    private Journal together = journal();

    @AfterEach
    void close() {
        shared.close();
    }

    private Journal journal() {
        return ledger.journal(new Journal.Reader() {
            @Override
            public <T> T read(Supplier<T> question) {
                reads.incrementAndGet();
                beforeRead.run();
                return question.get();
            }
        });
    }

    private Journal journal(Consumer<SharedState> run) {
        var journal = journal();
        run.accept(journal);
        return journal;
    }

    private static TaskRun run(String id) {
        return new TaskRun(id, 0, 0);
    }

    private Commit commit(String id, Consumer<SharedState> run) {
        return ledger.commit(run(id), List.of(new Entry(0, "outcome of " + id)), journal(run));
    }

    private static String refusal(Commit commit) {
        assertThat(commit).isInstanceOf(Commit.Refused.class);
        return String.valueOf(((Commit.Refused) commit).why().getMessage());
    }

    @Test
    void aRunTakesEffectAtItsCommitAndNotBefore() {
        shared.array("a").make(List.of(1, 2, 3));
        var journal = journal(state -> {
            state.value("v").add(5);
            state.array("a").add(1, 10);
            state.array("a").addToAll(100);
        });
        assertThat(shared.value("v").get()).isEqualTo(0L);

        assertThat(ledger.commit(run("t"), List.of(new Entry(0, "done")), journal))
                .isEqualTo(new Commit.Done());

        assertThat(shared.value("v").get()).isEqualTo(5L);
        assertThat(shared.array("a").toList()).containsExactly(101L, 112L, 103L);
        assertThat(reads).hasValue(0);
    }

    @Test
    void theFirstCommitOfACallCountsAndALaterOneIsToldItsOutcome() {
        assertThat(commit("t", state -> state.value("v").add(1))).isEqualTo(new Commit.Done());

        assertThat(ledger.commit(
                        run("t"),
                        List.of(new Entry(0, "another")),
                        journal(state -> state.value("v").add(1))))
                .isEqualTo(new Commit.Known(Map.of(0, "outcome of t")));

        assertThat(shared.value("v").get()).isEqualTo(1L);
        assertThat(ledger.find(run("t"))).isEqualTo(new Commit.Known(Map.of(0, "outcome of t")));
        assertThat(ledger.find(run("other"))).isNull();
    }

    @Test
    void anotherAttemptAndAReplayAreOtherRuns() {
        commit("t", state -> state.value("v").add(1));
        ledger.settled(List.of(run("t")));
        for (var later : List.of(new TaskRun("t", 0, 1), new TaskRun("t", 1, 0))) {
            assertThat(ledger.find(later)).isNull();
            assertThat(ledger.commit(
                            later,
                            List.of(new Entry(0, "again")),
                            journal(state -> state.value("v").add(1))))
                    .isEqualTo(new Commit.Done());
        }
        assertThat(shared.value("v").get()).isEqualTo(3L);
    }

    @Test
    void ofSomeCallsTogetherOneThatIsKnownHoldsUpAllAndNothingIsWritten() {
        ledger.commit(run("chunk"), List.of(new Entry(1, "one")), journal());

        var answer = ledger.commit(
                run("chunk"),
                List.of(new Entry(0, "x"), new Entry(1, "y"), new Entry(2, "z")),
                journal(state -> state.value("v").add(3)));

        assertThat(answer).isEqualTo(new Commit.Known(Map.of(1, "one")));
        assertThat(shared.value("v").get()).isEqualTo(0L);
    }

    @Test
    void aSettledTaskWhoseOutcomesAreGoneIsNotCountedAgain() {
        commit("t", state -> state.value("v").add(1));
        ledger.settled(List.of(run("t")));
        assertThat(commit("t", state -> state.value("v").add(1))).isInstanceOf(Commit.Known.class);

        expireOutcomes("t");

        assertThat(ledger.find(run("t"))).isEqualTo(new Commit.Settled());
        assertThat(commit("t", state -> state.value("v").add(1))).isEqualTo(new Commit.Settled());
        assertThat(shared.value("v").get()).isEqualTo(1L);
    }

    @Test
    void nothingExpiresForThirtyDaysBeforeTheTaskIsSettled() {
        commit("t", state -> state.value("v").add(1));
        assertThat(timeToLive("task:t")).isBetween(DAYS_30 - 60, DAYS_30);

        ledger.settled(List.of(run("t")));

        assertThat(timeToLive("task:t")).isBetween(86_000L, 86_400L);
        assertThat(timeToLive("settled:t")).isBetween(604_000L, 604_800L);
        ledger.commit(new TaskRun("t", 0, 1), List.of(new Entry(0, "again")), journal());
        assertThat(timeToLive("task:t")).isBetween(DAYS_30 - 60, DAYS_30);
    }

    @Test
    void whatComesAgainIsKeptForThirtyDaysAfterThat() {
        var year = 365 * 86_400L;
        ledger.commit(run("t"), List.of(new Entry(0, "later", Instant.now().plusSeconds(year))), journal());
        assertThat(timeToLive("task:t")).isBetween(year + DAYS_30 - 60, year + DAYS_30);

        ledger.commit(new TaskRun("t", 0, 1), List.of(new Entry(0, "again")), journal());
        assertThat(timeToLive("task:t")).as("never shortened").isBetween(year + DAYS_30 - 60, year + DAYS_30);

        assertThat(ledger.commit(run("far"), List.of(new Entry(0, "later", Instant.MAX)), journal()))
                .isEqualTo(new Commit.Done());
        assertThat(timeToLive("task:far")).isGreaterThan(year);
    }

    @Test
    void whereAChunkWasCutIsKeptForThirtyDays() {
        ledger.cut(run("c"), 4, false);
        withRedis(redis -> redis.expire(key("cut:c"), 10));

        assertThat(ledger.cut(run("c"), 5, false)).isFalse();
        assertThat(timeToLive("cut:c")).as("nothing is noted").isBetween(1L, 10L);
        assertThat(ledger.cut(run("c"), 4, false)).as("asked twice").isTrue();
        assertThat(timeToLive("cut:c")).isBetween(DAYS_30 - 60, DAYS_30);
    }

    @Test
    void theOutcomesOfAChunkExpireWhenTheLastOfItsPartsIsSettled() {
        var head = new TaskRun("c/0-2", 0, 0, "c");
        var tail = new TaskRun("c/2-4", 0, 0, "c");
        ledger.commit(head, List.of(new Entry(0, "0"), new Entry(1, "1")), journal());
        ledger.commit(tail, List.of(new Entry(2, "2"), new Entry(3, "3")), journal());
        var before = timeToLive("task:c");

        ledger.settledPart(tail, 2, 4, 4);
        assertThat(timeToLive("task:c")).isBetween(before - 1, before);
        assertThat(timeToLive("settled:c/2-4")).isBetween(604_000L, 604_800L);
        assertThat(timeToLive("settled:c")).isEqualTo(-2);

        ledger.settledPart(head, 0, 2, 4);
        assertThat(timeToLive("task:c")).isBetween(86_000L, 86_400L);
        assertThat(timeToLive("settled:c")).isBetween(604_000L, 604_800L);
        assertThat(timeToLive("parts:c")).isBetween(DAYS_30 - 60, DAYS_30);

        expireOutcomes("c");
        for (var late : List.of(run("c"), head, tail, new TaskRun("c/1-2", 0, 0, "c"))) {
            assertThat(ledger.find(late)).isEqualTo(new Commit.Settled());
        }
    }

    @Test
    void whatWasReadMustStillBeSo() {
        shared.array("a").make(List.of(1, 2, 3));
        List<Consumer<SharedState>> readers = List.of(
                state -> state.value("v").get(),
                state -> state.array("a").get(1),
                state -> state.array("a").toList(),
                state -> state.array("absent").length());
        List<Runnable> others = List.of(
                () -> shared.value("v").add(1),
                () -> shared.array("a").add(1, 1),
                () -> shared.array("a").add(2, 1),
                () -> shared.array("absent").fill(2, 0));
        for (int i = 0; i < readers.size(); i++) {
            var journal = journal(readers.get(i));
            journal.value("seen").set(i);
            others.get(i).run();
            assertThat(ledger.commit(run("r" + i), List.of(new Entry(0, "x")), journal))
                    .isInstanceOf(Commit.Changed.class);
        }
        assertThat(shared.value("seen").get()).isEqualTo(0L);
        // The other elements may change.
        var journal = journal(state -> state.array("a").addAndGet(0, 5));
        shared.array("a").add(1, 1);
        assertThat(ledger.commit(run("fine"), List.of(new Entry(0, "x")), journal))
                .isEqualTo(new Commit.Done());
        assertThat(shared.array("a").get(0)).isEqualTo(6L);
    }

    @Test
    void aRefusedStepLeavesEverythingAsItWas() {
        shared.value("most").set(Long.MAX_VALUE);
        shared.array("a").make(List.of(1, Long.MAX_VALUE));
        List<Consumer<SharedState>> refused = List.of(
                state -> state.value("most").add(1),
                state -> state.value("most").add(0.5),
                state -> state.array("a").addToAll(1),
                state -> state.array("a").add(1, 1),
                state -> state.array("a").add(2, 1),
                state -> state.array("none").add(0, 1),
                state -> state.array("none").addToAll(1));
        List<String> words = List.of(
                "overflow", "0.5", "overflow", "overflow", "index 2 out of range", "does not exist", "does not exist");
        for (int i = 0; i < refused.size(); i++) {
            var step = refused.get(i);
            var answer = commit("r" + i, state -> {
                state.value("v").add(1);
                state.array("a").add(0, 7);
                step.accept(state);
            });
            if (i != 1) { // the number that was given is not known any more when the commit refuses
                assertThat(refusal(answer)).contains(words.get(i));
            } else {
                assertThat(refusal(answer)).contains("type i");
            }
        }
        assertThat(shared.value("v").get()).isEqualTo(0L);
        assertThat(shared.value("most").get()).isEqualTo(Long.MAX_VALUE);
        assertThat(shared.array("a").toList()).containsExactly(1L, Long.MAX_VALUE);
    }

    @Test
    void aKeyOfAnotherKindIsRefused() {
        shared.array("x").make(List.of(1));
        withRedis(redis -> redis.rename(key("array:x"), key("value:x")));
        assertThat(refusal(commit("t", state -> state.value("x").add(1)))).contains("WRONGTYPE");
        assertThat(ledger.find(run("t"))).isNull();
    }

    @Test
    void moreThanTenThousandElementsAreTooMuchForOneTask() {
        shared.array("long").fill(20_000, 0);
        assertThatThrownBy(() -> journal(state -> state.array("long").toList()))
                .isInstanceOf(SharedStateException.class)
                .hasMessageContaining("10000");
        assertThatThrownBy(() -> journal(state -> {
                    for (int i = 0; i <= 10_000; i++) {
                        state.array("long").add(i, 1);
                    }
                }))
                .isInstanceOf(SharedStateException.class)
                .hasMessageContaining("10000");
        assertThat(refusal(commit("t", state -> state.array("long").addToAll(1))))
                .contains("10000");
        assertThat(commit("most", state -> {
                    for (int i = 0; i < 10_000; i++) {
                        state.array("long").add(i, 1);
                    }
                }))
                .isEqualTo(new Commit.Done());
        assertThat(shared.array("long").slice(9_999, 10_001)).containsExactly(1L, 0L);
    }

    @Test
    void numbersBeyond53BitsStayExact() {
        long big = (1L << 62) + 1;
        shared.value("v").set(big);
        shared.array("a").make(List.of(big, -big));
        commit("t", state -> {
            state.value("v").add(big - 3);
            state.array("a").addToAll(3);
            state.array("a").add(1, 1);
        });
        assertThat(shared.value("v").get()).isEqualTo(big + big - 3);
        assertThat(shared.array("a").toList()).containsExactly(big + 3, -big + 4);
    }

    /** One by one, together, and without a ledger: the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void anyRunsDoWhatTheyWouldDoWithoutAJournal(long seed) {
        var random = new Random(seed);
        List<Number> seenPlainly = new ArrayList<>();
        List<Number> seenInRuns = new ArrayList<>();
        Runnable commitTogether = () -> {
            assertThat(ledger.commit(run(UUID.randomUUID().toString()), List.of(), together))
                    .isEqualTo(new Commit.Done());
            together = journal();
        };
        for (int i = 0; i < 60; i++) {
            var steps = random.nextLong();
            steps(new Random(steps), shared, "plain", seenPlainly, i % 2 == 0);
            beforeRead = commitTogether;
            var journal = journal();
            steps(new Random(steps), journal, "runs", seenInRuns, i % 2 == 0);
            beforeRead = () -> {};
            if (journal.isWriteOnly() && together.absorb(journal)) {
                continue;
            }
            commitTogether.run();
            assertThat(ledger.commit(run("alone-" + i), List.of(), journal)).isEqualTo(new Commit.Done());
        }
        commitTogether.run();

        assertThat(seenInRuns).isEqualTo(seenPlainly);
        assertThat(shared.value("runs").get()).isEqualTo(shared.value("plain").get());
        assertThat(shared.value("runs-d").get())
                .isEqualTo(shared.value("plain-d").get());
        assertThat(shared.array("runs").toList())
                .isEqualTo(shared.array("plain").toList());
    }

    private void steps(Random random, SharedState state, String name, List<Number> seen, boolean blind) {
        var value = state.value(name);
        var real = state.value(name + "-d");
        var array = state.array(name);
        if (shared.array(name).length() == 0) {
            shared.array(name).fill(7, 0);
            shared.value(name + "-d").make(Typecode.D, 0);
        }
        for (int i = random.nextInt(6); i >= 0; i--) {
            switch (random.nextInt(blind ? 6 : 13)) {
                case 0 -> value.add(random.nextInt(100) - 50);
                case 1 -> value.set(random.nextInt());
                case 2 -> real.add(random.nextInt(64) / 8.0);
                case 3 -> array.add(random.nextInt(7), random.nextInt(100));
                case 4 -> array.addToAll(random.nextInt(10));
                case 5 -> array.set(random.nextInt(7), random.nextInt(100));
                case 6 -> seen.add(value.get());
                case 7 -> seen.add(value.addAndGet(3));
                case 8 -> seen.add(array.get(random.nextInt(14) - 7));
                case 9 -> seen.addAll(array.slice(random.nextInt(7), 7));
                case 10 -> seen.addAll(array.addToAllAndGet(2));
                case 11 -> seen.add(value.compareAndSet(value.get(), random.nextInt()) ? 1 : 0);
                default -> array.make(List.of(1, 2, 3, 4, 5, 6, random.nextInt(9)));
            }
        }
    }

    private String key(String rest) {
        return "{" + namespace + "}:" + rest;
    }

    private long timeToLive(String rest) {
        var seconds = new AtomicLong();
        withRedis(redis -> seconds.set(redis.ttl(key(rest))));
        return seconds.get();
    }

    private void expireOutcomes(String id) {
        withRedis(redis -> redis.del(key("task:" + id)));
    }

    private static void withRedis(Consumer<Jedis> action) {
        try (var redis = new Jedis(Services.shared().redisUrl())) {
            action.accept(redis);
        }
    }
}
