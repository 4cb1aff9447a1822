package dev.workerfarm.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.deploy.CustomResources.Kustomization;
import dev.workerfarm.deploy.CustomResources.ScaledObject;
import dev.workerfarm.deploy.CustomResources.TriggerAuthentication;
import dev.workerfarm.worker.WorkerConfig;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The manifests in {@code deploy/kubernetes} against Kubernetes's object model, each other and our own configuration. */
class KubernetesManifestsTest {
    private static final Path FOLDER = Path.of("..", "deploy", "kubernetes");

    private final Map<String, List<Object>> manifests;
    private final List<Deployment> deployments;

    KubernetesManifestsTest() throws IOException {
        manifests = Manifests.inFolder(FOLDER);
        deployments = Manifests.of(Deployment.class, manifests);
    }

    @Test
    void everyManifestIsReadStrictly() {
        assertThat(manifests.values().stream().mapToInt(List::size).sum()).isEqualTo(11);
        assertThat(only(Kustomization.class).resources()).isNotEmpty().isSubsetOf(manifests.keySet());
    }

    @ParameterizedTest
    @CsvSource({
        "worker-deployment.yaml, terminationGracePeriodSeconds: 30, terminationGracePeriod: 30, terminationGracePeriod",
        "worker-deployment.yaml, Seconds: 30, 'Seconds: \"30\"', Long",
        "worker-deployment.yaml, runAsNonRoot: true, runAsNonRoot: 'no', Boolean",
        "worker-deployment.yaml, 'value: \"9464\"', value: 9464, String",
        "worker-deployment.yaml, memory: 512Mi, memory: [512Mi], quantity",
        "poddisruptionbudget.yaml, maxUnavailable: 25%, maxUnavailble: 25%, maxUnavailble",
        "networkpolicy.yaml, 'policyTypes: [Ingress, Egress]', 'policyTypes: {}', policyTypes",
        "networkpolicy.yaml, networking.k8s.io/v1, networking.k8s.io/v1beta1, no kind that we know",
        "secret.example.yaml, stringData, string_data, string_data",
        "scaledobject.yaml, pollingInterval, pollInterval, pollInterval",
        "scaledobject.yaml, maxReplicaCount: 16, 'maxReplicaCount: \"16\"', int",
        "scaledobject.yaml, 'value: \"4\"', value: 4, String",
        "podmonitor.yaml, podMetricsEndpoints, endpoints, endpoints",
        "kustomization.yaml, resources, resource, resource",
    })
    void refusesAWrongNameAndAWrongType(String file, String right, String wrong, String named) throws IOException {
        var text = Files.readString(FOLDER.resolve(file));
        assertThat(text).contains(right);

        assertThatThrownBy(() -> Manifests.parse(text.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }

    @Test
    void everySelectorFindsItsPods() {
        for (var deployment : deployments) {
            assertThat(labels(deployment))
                    .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
        }
        assertThat(Manifests.of(PodDisruptionBudget.class, manifests))
                .hasSize(2)
                .allSatisfy(budget -> assertThat(
                                labels(deployment(budget.getMetadata().getName())))
                        .containsAllEntriesOf(budget.getSpec().getSelector().getMatchLabels()));
        assertThat(Manifests.of(NetworkPolicy.class, manifests))
                .hasSize(1)
                .allSatisfy(policy -> assertThat(
                                labels(deployment(policy.getMetadata().getName())))
                        .containsAllEntriesOf(policy.getSpec().getPodSelector().getMatchLabels()));
    }

    @Test
    void everyPodIsShutIn() {
        assertThat(deployments).hasSize(2).allSatisfy(deployment -> {
            var pod = deployment.getSpec().getTemplate().getSpec();
            assertThat(pod.getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            var context = container(deployment).getSecurityContext();
            assertThat(context.getAllowPrivilegeEscalation()).isFalse();
            assertThat(context.getReadOnlyRootFilesystem()).isTrue();
            assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
            assertThat(container(deployment).getVolumeMounts())
                    .allSatisfy(mount -> assertThat(pod.getVolumes())
                            .anySatisfy(volume -> assertThat(volume.getName()).isEqualTo(mount.getName())));
        });
    }

    @Test
    void everyPodHasVariablesThatAWorkerTakesAndTimeToDrain(@TempDir Path secrets) {
        assertThat(deployments).hasSize(2).allSatisfy(deployment -> {
            var config = WorkerConfig.from(withSecrets(variables(deployment), secrets));
            assertThat(config.processes() + config.downloaders()).isEqualTo(1);
            var grace = deployment.getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds();
            assertThat(Duration.ofSeconds(grace))
                    .isGreaterThanOrEqualTo(config.drain().plusSeconds(10));
            assertThat(container(deployment).getVolumeMounts())
                    .anySatisfy(mount -> assertThat(mount.getMountPath())
                            .isEqualTo(config.downloadFolder().toString()));
        });
    }

    /** The same variables with files of this machine, as the pod has them mounted. */
    private static Map<String, String> withSecrets(Map<String, String> variables, Path secrets) throws IOException {
        Map<String, String> here = new HashMap<>(variables);
        here.put("FARM_AMQP_URL_FILE", secret(secrets.resolve("amqp"), "amqp://farm:secret@rabbitmq/"));
        here.put("FARM_REDIS_URL_FILE", secret(secrets.resolve("redis"), "redis://:secret@redis/0"));
        assertThat(here).hasSameSizeAs(variables);
        return here;
    }

    private static String secret(Path file, String url) throws IOException {
        return Files.writeString(file, url + "\n").toString();
    }

    @Test
    void everySecretThatIsAskedForIsInTheExample() {
        assertThat(deployments).hasSize(2).allSatisfy(deployment -> {
            var secrets = container(deployment).getVolumeMounts().stream()
                    .filter(mount -> mount.getName().equals("secrets"))
                    .findAny()
                    .orElseThrow();
            assertThat(secret("workerfarm").getStringData().keySet())
                    .isNotEmpty()
                    .allSatisfy(
                            key -> assertThat(variables(deployment)).containsValue(secrets.getMountPath() + "/" + key));
        });
    }

    @Test
    void kedaScalesADeploymentAndReadsItsSecret() {
        var scaled = only(ScaledObject.class).spec();
        assertThat(deployment(scaled.scaleTargetRef().name()).getSpec().getReplicas())
                .as("replicas that an apply would set back")
                .isNull();
        var authentication = only(TriggerAuthentication.class);
        assertThat(scaled.triggers())
                .singleElement()
                .satisfies(trigger -> assertThat(trigger.authenticationRef().name())
                        .isEqualTo(authentication.metadata().getName()));
        assertThat(authentication.spec().secretTargetRef())
                .singleElement()
                .satisfies(reference ->
                        assertThat(secret(reference.name()).getStringData()).containsKey(reference.key()));
    }

    private <T> T only(Class<T> kind) {
        var objects = Manifests.of(kind, manifests);
        assertThat(objects).hasSize(1);
        return objects.get(0);
    }

    private Secret secret(String name) {
        return Manifests.of(Secret.class, manifests).stream()
                .filter(secret -> secret.getMetadata().getName().equals(name))
                .findAny()
                .orElseThrow(() -> new AssertionError("no Secret has the name " + name));
    }

    private Deployment deployment(String name) {
        return deployments.stream()
                .filter(deployment -> deployment.getMetadata().getName().equals(name))
                .findAny()
                .orElseThrow(() -> new AssertionError("no Deployment has the name " + name));
    }

    private static Map<String, String> labels(Deployment deployment) {
        return deployment.getSpec().getTemplate().getMetadata().getLabels();
    }

    private static Container container(Deployment deployment) {
        var containers = deployment.getSpec().getTemplate().getSpec().getContainers();
        assertThat(containers).hasSize(1);
        return containers.get(0);
    }

    private static Map<String, String> variables(Deployment deployment) {
        return container(deployment).getEnv().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }
}
