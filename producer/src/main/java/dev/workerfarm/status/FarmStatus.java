package dev.workerfarm.status;

import dev.workerfarm.broker.settings.LossySettings;
import dev.workerfarm.wire.control.WorkerStatus;
import java.util.List;

/**
 * What a farm does at one moment.
 *
 * @param workers the worker processes that answered, by name
 * @param consuming how many worker processes the broker sees on these queues, or 1 if it sees one that consumes none now; a lane of {@code FARM_LANES} counts once one of its
 *     processes has answered
 * @param queues the task queues, those of {@code FARM_LANES} and {@code FARM_QUEUES} that workers named, and the dead letters last
 * @param management whether RabbitMQ's management API added what it knows
 * @param settings what the broker is told that loses messages of these queues
 */
public record FarmStatus(
        List<WorkerStatus> workers,
        int consuming,
        List<QueueStatus> queues,
        boolean management,
        LossySettings settings) {
    /** Without settings that lose messages. */
    public FarmStatus(List<WorkerStatus> workers, int consuming, List<QueueStatus> queues, boolean management) {
        this(workers, consuming, queues, management, new LossySettings(List.of(), true));
    }

    public FarmStatus {
        workers = List.copyOf(workers);
        queues = List.copyOf(queues);
    }
}
