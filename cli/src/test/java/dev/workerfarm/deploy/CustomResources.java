package dev.workerfarm.deploy;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Map;

/**
 * The objects beside Kubernetes's own that the manifests have, with the fields that they use: KEDA's by its documentation
 * "ScaledObject specification" and "Authentication", the Prometheus operator's by its "API reference".
 */
final class CustomResources {
    private CustomResources() {}

    record ScaledObject(String apiVersion, String kind, ObjectMeta metadata, ScaledObjectSpec spec) {}

    record ScaledObjectSpec(
            ScaleTargetRef scaleTargetRef,
            int pollingInterval,
            int cooldownPeriod,
            int minReplicaCount,
            int maxReplicaCount,
            Fallback fallback,
            List<Trigger> triggers) {}

    record ScaleTargetRef(String name) {}

    record Fallback(int failureThreshold, int replicas) {}

    record Trigger(String type, Map<String, String> metadata, AuthenticationRef authenticationRef) {}

    record AuthenticationRef(String name) {}

    record TriggerAuthentication(String apiVersion, String kind, ObjectMeta metadata, TriggerAuthenticationSpec spec) {}

    record TriggerAuthenticationSpec(List<SecretTargetRef> secretTargetRef) {}

    record SecretTargetRef(String parameter, String name, String key) {}

    record PodMonitor(String apiVersion, String kind, ObjectMeta metadata, PodMonitorSpec spec) {}

    record PodMonitorSpec(LabelSelector selector, List<PodMetricsEndpoint> podMetricsEndpoints) {}

    record PodMetricsEndpoint(String port, String path, String interval) {}

    record Kustomization(String apiVersion, String kind, List<String> resources, List<Image> images) {}

    record Image(String name, String newTag) {}
}
