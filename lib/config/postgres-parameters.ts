/** Parameters that CloudNativePG 1.30 sets itself (pkg/postgres/configuration.go, FixedConfigurationParameters). */
const FIXED = `archive_command archive_mode cluster_name pg_failover_slots.primary_dsn
pg_failover_slots.standby_slot_names port primary_conninfo primary_slot_name recovery_target recovery_target_action
recovery_target_inclusive recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline
recovery_target_xid restore_command shared_preload_libraries ssl ssl_ca_file ssl_cert_file ssl_crl_file
ssl_dh_params_file ssl_ecdh_curve ssl_key_file ssl_passphrase_command ssl_passphrase_command_supports_reload
ssl_prefer_server_ciphers synchronized_standby_slots synchronous_standby_names temp_tablespaces`;

/** Parameters that it blocks because they would break its management of the instance (same file). */
const BLOCKED = `allow_system_table_mods archive_cleanup_command bonjour bonjour_name config_file data_directory
data_sync_retry event_source external_pid_file hba_file hot_standby ident_file jit_provider listen_addresses
log_destination log_directory log_file_mode log_filename log_rotation_age log_rotation_size log_truncate_on_rotation
logging_collector promote_trigger_file recovery_end_command recovery_min_apply_delay restart_after_crash
stats_temp_directory syslog_facility syslog_ident syslog_sequence_numbers syslog_split_messages
unix_socket_directories unix_socket_group unix_socket_permissions`;

/** Parameters that this library derives from the objective. */
const DERIVED = 'archive_timeout';

/** Parameters that a Cluster refuses. */
export const REFUSED_PARAMETERS: ReadonlySet<string> = new Set(`${FIXED} ${BLOCKED}`.split(/\s+/));

/** Where the wish behind a refused parameter belongs, or an empty string when the parameter is free. */
export function refusedParameterFix(name: string): string {
  if (name === DERIVED) {
    return 'set walArchiving.archiveTimeout, or leave it out: it is derived from the RPO';
  }
  if (!REFUSED_PARAMETERS.has(name)) {
    return '';
  }
  return name.startsWith('archive_')
    ? 'leave it out: the Barman Cloud plugin archives WAL'
    : 'leave it out: the operator sets it';
}
