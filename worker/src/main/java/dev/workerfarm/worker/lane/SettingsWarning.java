package dev.workerfarm.worker.lane;

import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.SupervisedConnection.OpenConnection;
import dev.workerfarm.broker.settings.LossySettings;
import dev.workerfarm.broker.settings.ManagementClient;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns once, at the worker's start, of each setting by which the broker loses messages. One thread. */
final class SettingsWarning {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsWarning.class);

    private final LaneCore core;
    private final OpenConnection connection;
    private final ManagementClient management;
    private final Set<String> said = new HashSet<>();
    private boolean seesPolicies;

    SettingsWarning(LaneCore core, OpenConnection connection) {
        this.core = core;
        this.connection = connection;
        this.management =
                new ManagementClient(core.config.broker(), core.config.management(), ManagementClient.USUAL_PORT);
    }

    void first() {
        try {
            var settings = LossySettings.of(
                    connection, management, core.config.topology().queues());
            for (var warning : settings.warnings()) {
                if (said.add(warning)) {
                    LOG.warn("a setting of the broker loses or delays tasks: {}", warning);
                }
            }
            seesPolicies = settings.seesPolicies();
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("settings of the queues were not looked at reason={}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks again where policies were not seen. */
    void second() {
        if (seesPolicies) {
            return;
        }
        first();
        if (!seesPolicies) {
            LOG.info("policies of the queues were not looked at: there is no management API"
                    + " (FARM_MANAGEMENT_URL), or not for this user");
        }
    }
}
