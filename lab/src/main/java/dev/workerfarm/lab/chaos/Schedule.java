package dev.workerfarm.lab.chaos;

import dev.workerfarm.lab.chaos.Schedule.Fault.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What is done to a farm, and when: worker processes are killed about every second, for twice the length where work is
 * left so long; in each {@link #ROUND} Redis and RabbitMQ are killed once and started again, RabbitMQ is frozen once,
 * and once a worker process is killed between a commit and its ack, in an order that the seed makes. The same seed,
 * length and number of workers give the same schedule. {@code length} is the least; {@code faults} are sorted by time.
 */
record Schedule(long seed, Duration length, List<Fault> faults) {
    /**
     * Something that is done to the farm {@code at} a time after the storm's beginning, or later where a fault before it
     * has not ended. {@code worker} chooses, modulo their number, among the worker processes that consume then.
     */
    record Fault(Duration at, Kind kind, int worker, Duration lasting) {
        enum Kind {
            KILL_WORKER("kill -9 of a worker process"),
            KILL_REDIS("kill -9 of Redis, and its start"),
            KILL_BROKER("kill -9 of RabbitMQ, and its start"),
            FREEZE_BROKER("freeze of RabbitMQ"),
            KILL_AFTER_COMMIT("kill -9 of a worker process between a commit and its ack");

            private final String words;

            Kind(String words) {
                this.words = words;
            }
        }
    }

    static final Duration ROUND = Duration.ofSeconds(40);
    static final Duration FREEZE = Duration.ofSeconds(5);

    private static final int LEAST_KILL_PAUSE_MILLIS = 500;
    private static final int MOST_KILL_PAUSE_MILLIS = 1500;
    private static final int NO_OUTAGE_BEFORE_MILLIS = 2000; // RabbitMQ 3.10 forgets so new a quorum queue when killed
    private static final int LEAST_AWAY_MILLIS = 200;
    private static final int MOST_AWAY_MILLIS = 2000;
    private static final int OUTAGES_PERCENT = 90; // the rest of a round is for what was late in it

    /** A length of a {@link #ROUND} or more; what is left after the last whole one has kills of workers only. */
    static Schedule of(long seed, Duration length, int workers) {
        var random = new Random(seed);
        List<Fault> faults = new ArrayList<>();
        for (var at = killPause(random); at.compareTo(length.multipliedBy(2)) < 0; at = at.plus(killPause(random))) {
            faults.add(new Fault(at, Kind.KILL_WORKER, random.nextInt(workers), Duration.ZERO));
        }
        for (var round = Duration.ZERO; round.plus(ROUND).compareTo(length) <= 0; round = round.plus(ROUND)) {
            addOutages(faults, round, random);
        }
        faults.sort(Comparator.comparing(Fault::at));
        return new Schedule(seed, length, List.copyOf(faults));
    }

    List<Fault> all(Kind kind) {
        return faults.stream().filter(fault -> fault.kind() == kind).toList();
    }

    /** All but the kills of workers, which go on meanwhile. */
    List<Fault> outages() {
        return faults.stream().filter(fault -> fault.kind() != Kind.KILL_WORKER).toList();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("seed " + seed + ", " + length.toSeconds() + " s or more:");
        var kills = all(Kind.KILL_WORKER);
        var at = kills.stream()
                .map(kill -> seconds(kill.at()) + " (" + kill.worker() + ")")
                .toList();
        lines.add("  " + kills.size() + " times " + Kind.KILL_WORKER.words + ", at " + String.join(", ", at));
        for (var outage : outages()) {
            lines.add("  " + outage.kind().words + ", at " + seconds(outage.at())
                    + (outage.lasting().isZero() ? "" : ", for " + seconds(outage.lasting()) + " s"));
        }
        return lines;
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
    }

    /** One in each quarter of the round, in any order, so that each finds the farm at work again. */
    private static void addOutages(List<Fault> faults, Duration round, Random random) {
        var kinds =
                new ArrayList<>(List.of(Kind.KILL_REDIS, Kind.KILL_BROKER, Kind.FREEZE_BROKER, Kind.KILL_AFTER_COMMIT));
        Collections.shuffle(kinds, random);
        var part = ROUND.multipliedBy(OUTAGES_PERCENT).dividedBy(100L * kinds.size());
        for (int i = 0; i < kinds.size(); i++) {
            var at = round.plus(part.multipliedBy(i))
                    .plusMillis(millis(random, NO_OUTAGE_BEFORE_MILLIS, (int) part.toMillis() / 2));
            var lasting = switch (kinds.get(i)) {
                case KILL_REDIS, KILL_BROKER -> Duration.ofMillis(millis(random, LEAST_AWAY_MILLIS, MOST_AWAY_MILLIS));
                case FREEZE_BROKER -> FREEZE;
                case KILL_WORKER, KILL_AFTER_COMMIT -> Duration.ZERO;
            };
            faults.add(new Fault(at, kinds.get(i), 0, lasting));
        }
    }

    private static Duration killPause(Random random) {
        return Duration.ofMillis(millis(random, LEAST_KILL_PAUSE_MILLIS, MOST_KILL_PAUSE_MILLIS));
    }

    private static int millis(Random random, int least, int most) {
        return least + random.nextInt(most - least + 1);
    }
}
