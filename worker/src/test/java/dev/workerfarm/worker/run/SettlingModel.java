package dev.workerfarm.worker.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/**
 * The machine of {@code docs/guarantees.md} for one task and two workers. The task may be run a second time where it fails.
 * The model goes through every order of a worker's steps and of the faults that may come between them, and looks at each
 * state. What a step comes to is decided by the worker's own classes ({@link RealSteps}), but for the flaws, which they do
 * not have.
 */
final class SettlingModel {
    /** Where a worker is with a message. */
    enum Stage {
        IDLE,
        TAKEN,
        RUNNING,
        READY,
        COMMITTED_UNHEARD,
        HAS_OUTCOME,
        PUBLISHED,
        CONFIRMED
    }

    /** What a run, or what is done instead of one, comes to. */
    enum Kind {
        SUCCEEDED,
        FAILED,
        RETRY,
        TIMED_OUT,
        REVOKED,
        /** Told in the place of an outcome that the broker refuses, and never committed. */
        TOO_LARGE
    }

    /** A step left out, or out of its place: the model is to notice. */
    enum Flaw {
        NONE,
        NO_GUARD,
        PUBLISH_BEFORE_COMMIT,
        ACK_BEFORE_PUBLISH,
        OWN_OUTCOME_AFTER_ANOTHER_WAS_FIRST,
        FAILURE_WITH_EFFECTS,
        RETRY_BESIDE_THE_GUARD,
        TIME_OUT_BESIDE_THE_GUARD,
        REVOKED_BEFORE_IT_IS_LOOKED_UP,
        /** Who was timed out goes on as if nothing was, beside who settles for it. */
        NO_GATE,
        /** A retry that cannot be published is told as a failure, and stays a retry in the ledger. */
        REFUSED_RETRY_BESIDE_THE_GUARD,
        /** As above, a failure in the ledger too, but the retry may have been published by another run, and runs. */
        REFUSED_RETRY_RUNS_ALL_THE_SAME,
        /** The letter of a reply that was refused has the task, and its replay runs that as another generation. */
        LETTER_OF_A_REPLY_HAS_THE_TASK
    }

    /** @param run which one came to it: two runs never come to the same */
    record Outcome(int run, Kind kind) {
        /** Written out, as in the other records: half a million states are hashed, and a record's own is slow where C2 is off. */
        @Override
        public int hashCode() {
            return run * 31 + kind.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Outcome same && run == same.run && kind == same.kind;
        }

        boolean isFinal() {
            return kind != Kind.RETRY;
        }
    }

    static final Outcome NOTHING = new Outcome(0, Kind.FAILED);

    /**
     * A hand of a worker, which has or had a delivery.
     *
     * @param attempt of the message, 0 or 1
     * @param outcome what it takes for the outcome
     * @param holds whether its delivery is the one that counts: the broker takes an ack of it
     */
    record Hand(Stage stage, int attempt, Outcome outcome, boolean holds) {
        @Override
        public int hashCode() {
            return ((stage.hashCode() * 31 + attempt) * 31 + outcome.hashCode()) * 31 + (holds ? 1 : 0);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Hand same
                    && stage == same.stage
                    && attempt == same.attempt
                    && holds == same.holds
                    && outcome.equals(same.outcome);
        }

        Hand to(Stage next) {
            return new Hand(next, attempt, outcome, holds);
        }

        Hand to(Stage next, Outcome newOutcome) {
            return new Hand(next, attempt, newOutcome, holds);
        }
    }

    private static final Hand IDLE = new Hand(Stage.IDLE, 0, NOTHING, false);
    private static final Comparator<Hand> ANY_ORDER = Comparator.comparing(Hand::stage)
            .thenComparing(Hand::attempt)
            .thenComparing(hand -> hand.outcome().run())
            .thenComparing(hand -> hand.outcome().kind())
            .thenComparing(Hand::holds);

    /**
     * Everything.
     *
     * @param hands of the workers, in no order that means something
     * @param queued how many messages of each attempt wait in the queue
     * @param out how many of each attempt are delivered and not acked, for the broker
     * @param committed the outcome of each attempt in Redis
     * @param effects how often the effects were applied
     * @param replies which outcomes were published
     * @param letters which outcomes are dead letters, as their reply queue refused them
     * @param revoked somebody has revoked it
     * @param faults how many more things may go wrong
     */
    record State(
            List<Hand> hands,
            List<Integer> queued,
            List<Integer> out,
            List<Outcome> committed,
            int effects,
            Set<Outcome> replies,
            Set<Outcome> letters,
            boolean revoked,
            int faults) {
        @Override
        public int hashCode() {
            var hash = hands.hashCode();
            hash = hash * 31 + queued.hashCode();
            hash = hash * 31 + out.hashCode();
            hash = hash * 31 + committed.hashCode();
            hash = hash * 31 + effects;
            hash = hash * 31 + replies.hashCode();
            hash = hash * 31 + letters.hashCode();
            return (hash * 31 + (revoked ? 1 : 0)) * 31 + faults;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof State same
                    && effects == same.effects
                    && faults == same.faults
                    && revoked == same.revoked
                    && hands.equals(same.hands)
                    && queued.equals(same.queued)
                    && out.equals(same.out)
                    && committed.equals(same.committed)
                    && replies.equals(same.replies)
                    && letters.equals(same.letters);
        }

        State with(int index, Hand hand) {
            List<Hand> changed = new ArrayList<>(hands);
            changed.set(index, hand);
            return hands(changed);
        }

        State and(Hand hand) {
            List<Hand> more = new ArrayList<>(hands);
            more.add(hand);
            return hands(more);
        }

        private State hands(List<Hand> changed) {
            changed.sort(ANY_ORDER);
            return new State(List.copyOf(changed), queued, out, committed, effects, replies, letters, revoked, faults);
        }

        State queue(int attempt, int by) {
            return new State(
                    hands, added(queued, attempt, by), out, committed, effects, replies, letters, revoked, faults);
        }

        State out(int attempt, int by) {
            return new State(
                    hands, queued, added(out, attempt, by), committed, effects, replies, letters, revoked, faults);
        }

        State commit(int attempt, Outcome outcome, int newEffects) {
            List<Outcome> changed = new ArrayList<>(committed);
            if (changed.get(attempt).equals(NOTHING)) {
                changed.set(attempt, outcome);
            }
            return new State(
                    hands, queued, out, List.copyOf(changed), effects + newEffects, replies, letters, revoked, faults);
        }

        State publish(Outcome outcome) {
            if (!outcome.isFinal()) {
                return queue(1, 1);
            }
            Set<Outcome> more = new HashSet<>(replies);
            more.add(outcome);
            return new State(hands, queued, out, committed, effects, Set.copyOf(more), letters, revoked, faults);
        }

        State bury(Outcome outcome) {
            Set<Outcome> more = new HashSet<>(letters);
            more.add(outcome);
            return new State(hands, queued, out, committed, effects, replies, Set.copyOf(more), revoked, faults);
        }

        /** A letter is an outcome, and its replay the reply. */
        State replay(Outcome letter) {
            var published = publish(letter);
            Set<Outcome> fewer = new HashSet<>(letters);
            fewer.remove(letter);
            return new State(
                    hands, queued, out, committed, effects, published.replies, Set.copyOf(fewer), revoked, faults);
        }

        State committed(Outcome first, Outcome second) {
            return new State(hands, queued, out, List.of(first, second), effects, replies, letters, revoked, faults);
        }

        /** An outcome like no other that there is: outcomes that nothing is left of are forgotten, which keeps the states few. */
        Outcome fresh(Kind kind) {
            var run = 1;
            while (isUsed(run)) {
                run++;
            }
            return new Outcome(run, kind);
        }

        private boolean isUsed(int run) {
            return Stream.of(hands.stream().map(Hand::outcome), committed.stream(), replies.stream(), letters.stream())
                    .flatMap(outcomes -> outcomes)
                    .anyMatch(outcome -> outcome.run() == run);
        }

        State revoke() {
            return new State(hands, queued, out, committed, effects, replies, letters, true, faults);
        }

        State fault() {
            return new State(hands, queued, out, committed, effects, replies, letters, revoked, faults - 1);
        }

        /** The outcome that counts: that of the last attempt, or nothing yet. */
        Outcome last() {
            return committed.get(0).isFinal() ? committed.get(0) : committed.get(1);
        }

        boolean isCommitted(int attempt) {
            return !committed.get(attempt).equals(NOTHING);
        }

        private static List<Integer> added(List<Integer> counts, int place, int by) {
            List<Integer> changed = new ArrayList<>(counts);
            changed.set(place, changed.get(place) + by);
            return List.copyOf(changed);
        }
    }

    private final Flaw flaw;
    private final RealSteps real = new RealSteps();

    SettlingModel(Flaw flaw) {
        this.flaw = flaw;
    }

    /**
     * Goes through every state that can be reached from a queued message, the nearest first.
     *
     * @return the first one that is wanted, or empty: none is
     */
    Optional<State> find(int faults, BiPredicate<State, List<State>> wanted) {
        var start = new State(
                List.of(IDLE, IDLE),
                List.of(1, 0),
                List.of(0, 0),
                List.of(NOTHING, NOTHING),
                0,
                Set.of(),
                Set.of(),
                false,
                faults);
        Set<State> seen = new HashSet<>(List.of(start));
        Deque<State> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            var state = open.remove();
            var steps = steps(state);
            if (wanted.test(state, steps)) {
                return Optional.of(state);
            }
            List<State> next = new ArrayList<>(steps);
            if (!state.revoked()) {
                next.add(state.revoke());
            }
            if (state.faults() > 0) {
                next.addAll(mishaps(state));
            }
            next.stream().filter(seen::add).forEach(open::add);
        }
        return Optional.empty();
    }

    /** What may come next where nothing goes wrong; empty at the end. */
    List<State> steps(State state) {
        List<State> next = new ArrayList<>();
        for (int i = 0; i < state.hands().size(); i++) {
            var hand = state.hands().get(i);
            switch (hand.stage()) {
                case IDLE -> take(state, i, next);
                case TAKEN -> next.add(look(state, i, hand));
                case RUNNING -> end(state, i, hand, next);
                case READY -> commit(state, i, hand, next);
                case COMMITTED_UNHEARD -> {
                    var own = flaw == Flaw.OWN_OUTCOME_AFTER_ANOTHER_WAS_FIRST;
                    var outcome = own ? hand.outcome() : commit(state, hand).first();
                    next.add(state.with(i, hand.to(Stage.HAS_OUTCOME, outcome)));
                }
                case HAS_OUTCOME -> {
                    if (flaw == Flaw.ACK_BEFORE_PUBLISH && hand.holds() && state.faults() > 0) {
                        next.add(state.fault().out(hand.attempt(), -1).with(i, IDLE)); // and was killed then
                    }
                    next.add(state.publish(hand.outcome()).with(i, hand.to(Stage.PUBLISHED)));
                }
                case PUBLISHED -> next.add(state.with(i, hand.to(Stage.CONFIRMED)));
                case CONFIRMED -> next.add((hand.holds() ? state.out(hand.attempt(), -1) : state).with(i, IDLE));
            }
        }
        for (var letter : state.letters()) {
            next.add(replay(state, letter));
        }
        return next.stream().filter(other -> !other.equals(state)).toList();
    }

    private State replay(State state, Outcome letter) {
        var replayed = state.replay(letter);
        return flaw == Flaw.LETTER_OF_A_REPLY_HAS_THE_TASK
                ? replayed.queue(0, 1).committed(NOTHING, NOTHING)
                : replayed;
    }

    private static void take(State state, int i, List<State> next) {
        for (int attempt = 0; attempt <= 1; attempt++) {
            if (state.queued().get(attempt) > 0) {
                var taken = state.queue(attempt, -1).out(attempt, 1);
                next.add(taken.with(i, new Hand(Stage.TAKEN, attempt, NOTHING, true)));
            }
        }
    }

    private State look(State state, int i, Hand hand) {
        var revoked = state.fresh(Kind.REVOKED);
        if (state.revoked() && flaw == Flaw.REVOKED_BEFORE_IT_IS_LOOKED_UP) {
            return state.with(i, hand.to(Stage.HAS_OUTCOME, revoked));
        }
        var committed = flaw == Flaw.NO_GUARD ? NOTHING : state.committed().get(hand.attempt());
        return switch (real.look(hand.attempt(), committed, state.revoked())) {
            case RUNS -> state.with(i, hand.to(Stage.RUNNING));
            case IS_KNOWN -> state.with(i, hand.to(Stage.HAS_OUTCOME, committed));
            case IS_REVOKED -> state.with(i, hand.to(Stage.READY, revoked));
        };
    }

    /** It passes its gate: well or not, at its hard limit, or interrupted as it was revoked. */
    private void end(State state, int i, Hand hand, List<State> next) {
        List<Kind> ends = new ArrayList<>(List.of(Kind.SUCCEEDED, real.thrown(hand.attempt()), Kind.TIMED_OUT));
        if (state.revoked()) {
            ends.add(Kind.REVOKED);
        }
        for (var kind : ends) {
            var ended = state.with(i, hand.to(Stage.READY, state.fresh(kind)));
            var both = kind == Kind.TIMED_OUT
                    ? flaw == Flaw.NO_GATE || real.goesOnAfterTimeOut()
                    : real.isTimedOutAfterItsEnd();
            next.add(both ? ended.and(hand.to(Stage.READY, ended.fresh(Kind.SUCCEEDED))) : ended);
        }
    }

    private void commit(State state, int i, Hand hand, List<State> next) {
        var kind = hand.outcome().kind();
        if ((kind == Kind.RETRY && flaw == Flaw.RETRY_BESIDE_THE_GUARD)
                || (kind == Kind.TIMED_OUT && flaw == Flaw.TIME_OUT_BESIDE_THE_GUARD)) {
            next.add(state.with(i, hand.to(Stage.HAS_OUTCOME)));
            return;
        }
        if (flaw == Flaw.PUBLISH_BEFORE_COMMIT && state.faults() > 0) { // and was killed before it committed
            next.add(killed(state.publish(hand.outcome()), i));
        }
        var committed = commit(state, hand);
        var effects = flaw == Flaw.FAILURE_WITH_EFFECTS && !state.isCommitted(hand.attempt()) ? 1 : committed.effects();
        next.add(state.commit(hand.attempt(), committed.kept(), effects).with(i, hand.to(Stage.COMMITTED_UNHEARD)));
    }

    /** What the commit of a hand's outcome comes to; a repeated one gets the same answer and changes nothing. */
    private RealSteps.Committed commit(State state, Hand hand) {
        var committed = flaw == Flaw.NO_GUARD ? NOTHING : state.committed().get(hand.attempt());
        return real.commit(hand.attempt(), committed, hand.outcome());
    }

    /**
     * What may go wrong now: killed, the connection lost while it works on, Redis away in a read (before it runs, it goes back
     * to the queue, as if killed; after it has run, it waits), Redis's answer or the broker's confirm lost, an outcome refused by
     * the broker, for its size or by its queue, or a retry, for which no queue can be declared.
     */
    private List<State> mishaps(State state) {
        List<State> next = new ArrayList<>();
        for (int i = 0; i < state.hands().size(); i++) {
            var hand = state.hands().get(i);
            if (hand.stage() == Stage.IDLE) {
                continue;
            }
            var fault = state.fault();
            next.add(killed(state, i));
            if (hand.holds()) { // from here on it is the late twin
                next.add(lost(state, hand).with(i, new Hand(hand.stage(), hand.attempt(), hand.outcome(), false)));
            }
            if (hand.stage() == Stage.RUNNING && real.runsAgainAfterARead(hand.attempt())) {
                next.add(fault.with(i, hand.to(Stage.TAKEN)));
            }
            if (hand.stage() == Stage.COMMITTED_UNHEARD) {
                next.add(fault.with(i, hand.to(Stage.READY)));
            }
            if (hand.stage() == Stage.PUBLISHED) {
                next.add(fault.with(i, hand.to(Stage.HAS_OUTCOME)));
            }
            if (hand.stage() == Stage.HAS_OUTCOME && hand.outcome().isFinal()) {
                var told = new Outcome(hand.outcome().run(), Kind.TOO_LARGE);
                next.add(fault.publish(told).with(i, hand.to(Stage.PUBLISHED)));
                next.add(fault.bury(hand.outcome()).with(i, hand.to(Stage.PUBLISHED)));
            }
            if (hand.stage() == Stage.HAS_OUTCOME && !hand.outcome().isFinal()) {
                next.add(refusedRetry(fault, i, hand));
            }
        }
        return next;
    }

    /** No queue takes the retry: it is a failure, unless it was published by another run and has an outcome. */
    private State refusedRetry(State state, int i, Hand hand) {
        var first = state.committed().get(0);
        var second = state.committed().get(1);
        var replaced = real.replace(hand.outcome(), first, second);
        var after = switch (flaw) {
            case REFUSED_RETRY_BESIDE_THE_GUARD -> state;
            case REFUSED_RETRY_RUNS_ALL_THE_SAME -> state.committed(replaced.first(), second);
            default -> state.committed(replaced.first(), replaced.second());
        };
        return after.with(i, hand.to(Stage.HAS_OUTCOME, replaced.counts()));
    }

    private static State killed(State state, int i) {
        return lost(state, state.hands().get(i)).with(i, IDLE);
    }

    /** The broker has its delivery back, if it was the one that counts. */
    private static State lost(State state, Hand hand) {
        var fault = state.fault();
        return hand.holds() ? fault.out(hand.attempt(), -1).queue(hand.attempt(), 1) : fault;
    }
}
