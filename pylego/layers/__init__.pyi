from pylego.layers.activations.activation import Activation as Activation
from pylego.layers.activations.elu import ELU as ELU
from pylego.layers.activations.leaky_relu import LeakyReLU as LeakyReLU
from pylego.layers.activations.prelu import PReLU as PReLU
from pylego.layers.activations.relu import ReLU as ReLU
from pylego.layers.activations.softmax import Softmax as Softmax
from pylego.layers.attention.additive_attention import AdditiveAttention as AdditiveAttention
from pylego.layers.attention.attention import Attention as Attention
from pylego.layers.attention.group_query_attention import GroupQueryAttention as GroupQueryAttention
from pylego.layers.attention.multi_head_attention import MultiHeadAttention as MultiHeadAttention
from pylego.layers.augmentation.aug_mix import AugMix as AugMix
from pylego.layers.augmentation.auto_contrast import AutoContrast as AutoContrast
from pylego.layers.augmentation.clahe import (
    ContrastLimitedAdaptiveHistogramEqualization as ContrastLimitedAdaptiveHistogramEqualization,
)
from pylego.layers.augmentation.cut_mix import CutMix as CutMix
from pylego.layers.augmentation.equalization import Equalization as Equalization
from pylego.layers.augmentation.mix_up import MixUp as MixUp
from pylego.layers.augmentation.rand_augment import RandAugment as RandAugment
from pylego.layers.augmentation.random_brightness import RandomBrightness as RandomBrightness
from pylego.layers.augmentation.random_color_degeneration import (
    RandomColorDegeneration as RandomColorDegeneration,
)
from pylego.layers.augmentation.random_color_jitter import RandomColorJitter as RandomColorJitter
from pylego.layers.augmentation.random_contrast import RandomContrast as RandomContrast
from pylego.layers.augmentation.random_crop import RandomCrop as RandomCrop
from pylego.layers.augmentation.random_elastic_transform import (
    RandomElasticTransform as RandomElasticTransform,
)
from pylego.layers.augmentation.random_erasing import RandomErasing as RandomErasing
from pylego.layers.augmentation.random_flip import RandomFlip as RandomFlip
from pylego.layers.augmentation.random_gaussian_blur import (
    RandomGaussianBlur as RandomGaussianBlur,
)
from pylego.layers.augmentation.random_grayscale import RandomGrayscale as RandomGrayscale
from pylego.layers.augmentation.random_hue import RandomHue as RandomHue
from pylego.layers.augmentation.random_invert import RandomInvert as RandomInvert
from pylego.layers.augmentation.random_perspective import RandomPerspective as RandomPerspective
from pylego.layers.augmentation.random_posterization import (
    RandomPosterization as RandomPosterization,
)
from pylego.layers.augmentation.random_rotation import RandomRotation as RandomRotation
from pylego.layers.augmentation.random_saturation import RandomSaturation as RandomSaturation
from pylego.layers.augmentation.random_sharpness import RandomSharpness as RandomSharpness
from pylego.layers.augmentation.random_shear import RandomShear as RandomShear
from pylego.layers.augmentation.random_translation import (
    RandomTranslation as RandomTranslation,
)
from pylego.layers.augmentation.random_zoom import RandomZoom as RandomZoom
from pylego.layers.augmentation.solarization import Solarization as Solarization
from pylego.layers.convolutional.convolution import (
    Conv1D as Conv1D,
    Conv2D as Conv2D,
    Conv3D as Conv3D,
    Convolution1D as Convolution1D,
    Convolution2D as Convolution2D,
    Convolution3D as Convolution3D,
)
from pylego.layers.convolutional.depthwise_convolution import (
    DepthwiseConv1D as DepthwiseConv1D,
    DepthwiseConv2D as DepthwiseConv2D,
)
from pylego.layers.convolutional.separable_convolution import (
    SeparableConv1D as SeparableConv1D,
    SeparableConv2D as SeparableConv2D,
    SeparableConvolution1D as SeparableConvolution1D,
    SeparableConvolution2D as SeparableConvolution2D,
)
from pylego.layers.convolutional.transposed_convolution import (
    Conv1DTranspose as Conv1DTranspose,
    Conv2DTranspose as Conv2DTranspose,
    Conv3DTranspose as Conv3DTranspose,
    Convolution1DTranspose as Convolution1DTranspose,
    Convolution2DTranspose as Convolution2DTranspose,
    Convolution3DTranspose as Convolution3DTranspose,
)
from pylego.layers.core.dense import Dense as Dense
from pylego.layers.core.einsum_dense import EinsumDense as EinsumDense
from pylego.layers.core.embedding import Embedding as Embedding
from pylego.layers.core.identity import Identity as Identity
from pylego.layers.core.input_layer import (
    Input as Input,
    InputLayer as InputLayer,
)
from pylego.layers.core.lambda_layer import Lambda as Lambda
from pylego.layers.core.masking import Masking as Masking
from pylego.layers.core.pipeline import Pipeline as Pipeline
from pylego.layers.core.reversible_embedding import ReversibleEmbedding as ReversibleEmbedding
from pylego.layers.core.wrapper import Wrapper as Wrapper
from pylego.layers.input_spec import InputSpec as InputSpec
from pylego.layers.layer import Layer as Layer
from pylego.layers.merging.arithmetic import (
    Add as Add,
    Average as Average,
    Multiply as Multiply,
    Subtract as Subtract,
    add as add,
    average as average,
    multiply as multiply,
    subtract as subtract,
)
from pylego.layers.merging.concatenate import (
    Concatenate as Concatenate,
    concatenate as concatenate,
)
from pylego.layers.merging.dot import (
    Dot as Dot,
    dot as dot,
)
from pylego.layers.merging.extremes import (
    Maximum as Maximum,
    Minimum as Minimum,
    maximum as maximum,
    minimum as minimum,
)
from pylego.layers.normalization.batch_normalization import (
    BatchNormalization as BatchNormalization,
)
from pylego.layers.normalization.group_normalization import (
    GroupNormalization as GroupNormalization,
)
from pylego.layers.normalization.layer_normalization import (
    LayerNormalization as LayerNormalization,
)
from pylego.layers.normalization.rms_normalization import RMSNormalization as RMSNormalization
from pylego.layers.normalization.spectral_normalization import (
    SpectralNormalization as SpectralNormalization,
)
from pylego.layers.normalization.unit_normalization import (
    UnitNormalization as UnitNormalization,
)
from pylego.layers.pooling.adaptive_pooling import (
    AdaptiveAveragePooling1D as AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D as AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D as AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D as AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D as AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D as AdaptiveMaxPooling3D,
)
from pylego.layers.pooling.average_pooling import (
    AveragePooling1D as AveragePooling1D,
    AveragePooling2D as AveragePooling2D,
    AveragePooling3D as AveragePooling3D,
    AvgPool1D as AvgPool1D,
    AvgPool2D as AvgPool2D,
    AvgPool3D as AvgPool3D,
)
from pylego.layers.pooling.global_average_pooling import (
    GlobalAveragePooling1D as GlobalAveragePooling1D,
    GlobalAveragePooling2D as GlobalAveragePooling2D,
    GlobalAveragePooling3D as GlobalAveragePooling3D,
    GlobalAvgPool1D as GlobalAvgPool1D,
    GlobalAvgPool2D as GlobalAvgPool2D,
    GlobalAvgPool3D as GlobalAvgPool3D,
)
from pylego.layers.pooling.global_max_pooling import (
    GlobalMaxPool1D as GlobalMaxPool1D,
    GlobalMaxPool2D as GlobalMaxPool2D,
    GlobalMaxPool3D as GlobalMaxPool3D,
    GlobalMaxPooling1D as GlobalMaxPooling1D,
    GlobalMaxPooling2D as GlobalMaxPooling2D,
    GlobalMaxPooling3D as GlobalMaxPooling3D,
)
from pylego.layers.pooling.max_pooling import (
    MaxPool1D as MaxPool1D,
    MaxPool2D as MaxPool2D,
    MaxPool3D as MaxPool3D,
    MaxPooling1D as MaxPooling1D,
    MaxPooling2D as MaxPooling2D,
    MaxPooling3D as MaxPooling3D,
)
from pylego.layers.preprocessing.category_encoding import CategoryEncoding as CategoryEncoding
from pylego.layers.preprocessing.center_crop import CenterCrop as CenterCrop
from pylego.layers.preprocessing.discretization import Discretization as Discretization
from pylego.layers.preprocessing.hashed_crossing import HashedCrossing as HashedCrossing
from pylego.layers.preprocessing.hashing import Hashing as Hashing
from pylego.layers.preprocessing.integer_lookup import IntegerLookup as IntegerLookup
from pylego.layers.preprocessing.mel_spectrogram import MelSpectrogram as MelSpectrogram
from pylego.layers.preprocessing.normalization import Normalization as Normalization
from pylego.layers.preprocessing.rescaling import Rescaling as Rescaling
from pylego.layers.preprocessing.resizing import Resizing as Resizing
from pylego.layers.preprocessing.stft_spectrogram import STFTSpectrogram as STFTSpectrogram
from pylego.layers.preprocessing.string_lookup import StringLookup as StringLookup
from pylego.layers.preprocessing.text_vectorization import (
    TextVectorization as TextVectorization,
)
from pylego.layers.regularization.activity_regularization import (
    ActivityRegularization as ActivityRegularization,
)
from pylego.layers.regularization.alpha_dropout import AlphaDropout as AlphaDropout
from pylego.layers.regularization.dropout import Dropout as Dropout
from pylego.layers.regularization.gaussian_dropout import GaussianDropout as GaussianDropout
from pylego.layers.regularization.gaussian_noise import GaussianNoise as GaussianNoise
from pylego.layers.regularization.spatial_dropout import (
    SpatialDropout1D as SpatialDropout1D,
    SpatialDropout2D as SpatialDropout2D,
    SpatialDropout3D as SpatialDropout3D,
)
from pylego.layers.reshaping.cropping import (
    Cropping1D as Cropping1D,
    Cropping2D as Cropping2D,
    Cropping3D as Cropping3D,
)
from pylego.layers.reshaping.flatten import Flatten as Flatten
from pylego.layers.reshaping.permute import Permute as Permute
from pylego.layers.reshaping.repeat_vector import RepeatVector as RepeatVector
from pylego.layers.reshaping.reshape import Reshape as Reshape
from pylego.layers.reshaping.up_sampling import (
    UpSampling1D as UpSampling1D,
    UpSampling2D as UpSampling2D,
    UpSampling3D as UpSampling3D,
)
from pylego.layers.reshaping.zero_padding import (
    ZeroPadding1D as ZeroPadding1D,
    ZeroPadding2D as ZeroPadding2D,
    ZeroPadding3D as ZeroPadding3D,
)
from pylego.layers.rnn.bidirectional import Bidirectional as Bidirectional
from pylego.layers.rnn.conv_lstm import (
    ConvLSTM1D as ConvLSTM1D,
    ConvLSTM2D as ConvLSTM2D,
    ConvLSTM3D as ConvLSTM3D,
)
from pylego.layers.rnn.gru import GRU as GRU, GRUCell as GRUCell
from pylego.layers.rnn.lstm import LSTM as LSTM, LSTMCell as LSTMCell
from pylego.layers.rnn.rnn import RNN as RNN
from pylego.layers.rnn.simple_rnn import SimpleRNN as SimpleRNN, SimpleRNNCell as SimpleRNNCell
from pylego.layers.rnn.stacked_rnn_cells import StackedRNNCells as StackedRNNCells
from pylego.layers.rnn.time_distributed import TimeDistributed as TimeDistributed
from pylego.layers.serialization import (
    deserialize as deserialize,
    serialize as serialize,
)
