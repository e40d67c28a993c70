package asteriskconf

import (
	"os"
	"path/filepath"
	"strings"
)

// wantedModules is all that is loaded; Asterisk sorts out their order by itself. A name that the
// installed version does not have is left out (res_websocket_client came with 22).
var wantedModules = strings.Fields(`
	res_timing_timerfd
	res_sorcery_config res_sorcery_memory res_sorcery_astdb
	res_crypto res_http_websocket res_websocket_client
	res_musiconhold

	pbx_config
	app_channelredirect app_dial app_echo app_exec app_mixmonitor app_playback app_playtones app_read app_senddtmf
	app_stack app_stasis app_talkdetect app_verbose
	func_callerid func_channel func_devstate func_export func_global func_hangupcause func_logic func_math func_sprintf
	func_pjsip_aor func_pjsip_contact func_pjsip_endpoint func_strings func_talkdetect func_timeout
	func_uri func_volume

	codec_a_mu codec_alaw codec_resample codec_ulaw
	format_pcm format_sln format_wav

	bridge_builtin_features bridge_holding bridge_native_rtp bridge_simple bridge_softmix
	chan_bridge_media chan_rtp res_rtp_asterisk res_rtp_multicast res_srtp

	res_pjproject res_pjsip res_pjsip_session res_pjsip_sdp_rtp chan_pjsip
	res_pjsip_acl res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest
	res_pjsip_outbound_registration res_pjsip_caller_id res_pjsip_diversion res_pjsip_dlg_options
	res_pjsip_dtmf_info res_pjsip_empty_info res_pjsip_endpoint_identifier_anonymous
	res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_header_funcs
	res_pjsip_logger res_pjsip_nat res_pjsip_path res_pjsip_refer res_pjsip_registrar
	res_pjsip_pubsub res_pjsip_rfc3326 res_pjsip_rfc3329 res_pjsip_transport_websocket

	res_stasis res_stasis_answer res_stasis_device_state res_stasis_playback res_stasis_recording
	res_stasis_snoop
	res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
	res_ari_device_states res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings
	res_ari_sounds
`)

// presentModules are the wanted ones that this Asterisk has.
func presentModules(folder string) []string {
	var present []string
	for _, name := range wantedModules {
		if _, err := os.Stat(filepath.Join(folder, name+".so")); err == nil {
			present = append(present, name)
		}
	}
	return present
}
